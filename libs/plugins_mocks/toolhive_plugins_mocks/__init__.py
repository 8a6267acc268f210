"""Mocks of the interfaces, for the tests of whoever depends on them.

Made from `toolhive_plugins_interfaces` by `python build-support/mockgen/mockgen.py`: do not edit.
"""

from toolhive_plugins_mocks.methods import Call, ExpectationError, InterfaceMock, MockMethod
from toolhive_plugins_mocks.mocks import MockPluginPackager, MockProgress, MockRegistryCatalog, MockRegistryClient

__all__ = [
    "Call",
    "ExpectationError",
    "InterfaceMock",
    "MockMethod",
    "MockPluginPackager",
    "MockProgress",
    "MockRegistryCatalog",
    "MockRegistryClient",
]
