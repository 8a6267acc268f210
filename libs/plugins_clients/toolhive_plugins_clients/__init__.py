"""One adapter a client: where it loads plugins from, and what installing one changes there."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolhive_plugins_clients.adapters import ADAPTERS as ADAPTERS
    from toolhive_plugins_clients.adapters import adapter_for as adapter_for
    from toolhive_plugins_clients.adapters import detected_adapters as detected_adapters
    from toolhive_plugins_clients.claude_code import ClaudeCodeAdapter as ClaudeCodeAdapter
    from toolhive_plugins_clients.client_table import CLIENTS as CLIENTS
    from toolhive_plugins_clients.client_table import ClientLine as ClientLine
    from toolhive_plugins_clients.codex import CodexAdapter as CodexAdapter
    from toolhive_plugins_clients.copilot import CopilotAdapter as CopilotAdapter
    from toolhive_plugins_clients.enabling import enabling_edits as enabling_edits
    from toolhive_plugins_clients.errors import ClientError as ClientError
    from toolhive_plugins_clients.errors import ClientFileError as ClientFileError
    from toolhive_plugins_clients.errors import Hint as Hint
    from toolhive_plugins_clients.errors import PlacementError as PlacementError
    from toolhive_plugins_clients.facts import Loads as Loads
    from toolhive_plugins_clients.facts import PluginFacts as PluginFacts
    from toolhive_plugins_clients.facts import plugin_facts as plugin_facts
    from toolhive_plugins_clients.facts import refusal as refusal
    from toolhive_plugins_clients.gemini import GeminiAdapter as GeminiAdapter
    from toolhive_plugins_clients.health import Ailment as Ailment
    from toolhive_plugins_clients.health import Health as Health
    from toolhive_plugins_clients.health import HealthStatus as HealthStatus
    from toolhive_plugins_clients.homes import Homes as Homes
    from toolhive_plugins_clients.homes import homes_from as homes_from
    from toolhive_plugins_clients.placements import Method as Method
    from toolhive_plugins_clients.placements import Placement as Placement
    from toolhive_plugins_clients.placements import Scope as Scope
    from toolhive_plugins_clients.placements import check_name as check_name
    from toolhive_plugins_clients.placements import check_project as check_project
    from toolhive_plugins_clients.plans import FileEdit as FileEdit
    from toolhive_plugins_clients.plans import FileRecord as FileRecord
    from toolhive_plugins_clients.plans import Owed as Owed
    from toolhive_plugins_clients.plans import OwedKind as OwedKind
    from toolhive_plugins_clients.plans import Plan as Plan
    from toolhive_plugins_clients.plans import followed as followed
    from toolhive_plugins_clients.protocol import ClientAdapter as ClientAdapter
else:
    from toolhive_plugins import lazy_exports

    __getattr__, __dir__ = lazy_exports(__name__)
