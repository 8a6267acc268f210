"""A real browser, headless, spoken to over two pipes (the Chrome DevTools Protocol): what a page asks for, breaks and shows."""

import base64
import fcntl
import json
import os
import select
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from attrs import Factory, define
from programs import required

_ANSWER_SECONDS: Final = 60
_EVENTS: Final = ("Page.enable", "Runtime.enable", "Network.enable", "Log.enable", "Security.enable")


@define
class Visit:
    """What happened while a page was open."""

    requested: list[str] = Factory(list)
    """The address of everything that was asked for, the page itself included."""

    complaints: list[str] = Factory(list)
    """What the browser or a script said: violations of the content policy, errors, messages."""

    dialogs: list[str] = Factory(list)
    """What a script asked a person."""


class Browser:
    """A browser with one tab.

    Args:
        process: of the program.
        sending: a pipe to it.
        receiving: a pipe from it.
    """

    def __init__(self, process: "subprocess.Popen[bytes]", sending: int, receiving: int) -> None:
        self._process = process
        self._sending = sending
        self._receiving = receiving
        self._data = b""
        self._last = 0
        self._session = ""
        self._loaded = False
        self.visit = Visit()
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for each in _EVENTS:
            self._ask(each)

    def open(
        self, address: str, *, width: int = 1280, height: int = 800, scheme: str = "light", scripts: bool = True
    ) -> Visit:
        """Open a page, and return once it is loaded.

        Args:
            address: of the page.
            width: of the window, in CSS pixels.
            height: of the window.
            scheme: `light` or `dark`, which the page is told is preferred.
            scripts: whether scripts may run.
        """
        self._ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500
        )
        self._ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self._ask("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.visit, self._loaded = Visit(), False
        failed = self._ask("Page.navigate", url=address).get("errorText")
        assert not failed, f"{address}: {failed}"
        self._until(lambda: self._loaded)
        return self.visit

    def allow_the_clipboard(self, origin: str) -> None:
        """Let pages of an origin read and write the clipboard, which is this browser's own."""
        permissions = ["clipboardReadWrite", "clipboardSanitizedWrite"]
        self._ask("Browser.grantPermissions", origin=origin, permissions=permissions)

    def wait_for_a_page(self) -> None:
        """Return once the page is loaded that something in this one leads to."""
        self._until(lambda: self._loaded)

    def evaluate(self, expression: str) -> Any:
        """Return the value of an expression in the page, as JSON has it."""
        answer = self._ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def document(self) -> str:
        """Return the page as it stands, as HTML; that takes no script of the page's."""
        root = self._ask("DOM.getDocument", depth=0)["root"]["nodeId"]
        html: str = self._ask("DOM.getOuterHTML", nodeId=root)["outerHTML"]
        return html

    def count(self, selector: str) -> int:
        """Return how many elements match a selector; that takes no script of the page's."""
        root = self._ask("DOM.getDocument", depth=0)["root"]["nodeId"]
        found: list[int] = self._ask("DOM.querySelectorAll", nodeId=root, selector=selector)["nodeIds"]
        return len(found)

    def width(self) -> int:
        """Return the width of all that is in the page, in CSS pixels; that takes no script of the page's."""
        return int(self._ask("Page.getLayoutMetrics")["cssContentSize"]["width"])

    def type(self, text: str) -> None:
        """Type into what has the focus, as a keyboard does."""
        self._ask("Input.insertText", text=text)

    def press(self, key: str, code: int) -> None:
        """Press a key, and let it go."""
        self._loaded = False
        text = {"text": key} if len(key) == 1 else {"text": "\r"} if key == "Enter" else {}
        self._ask("Input.dispatchKeyEvent", type="keyDown", key=key, windowsVirtualKeyCode=code, **text)
        self._ask("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    def accessible(self) -> list[tuple[str, str]]:
        """Return the role and name of everything that assistive technology is told of."""
        nodes = self._ask("Accessibility.getFullAXTree")["nodes"]
        return [
            (node.get("role", {}).get("value", ""), node.get("name", {}).get("value", ""))
            for node in nodes
            if not node["ignored"]
        ]

    def screenshot(self, path: Path, *, whole: bool = False) -> None:
        """Write a picture of the page."""
        data = self._ask("Page.captureScreenshot", captureBeyondViewport=whole)["data"]
        path.write_bytes(base64.b64decode(data))

    def _ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its answer; events that come before it are taken on the way."""
        self._last += 1
        message: dict[str, Any] = {"id": self._last, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._sending, json.dumps(message).encode() + b"\0")
        number = self._last
        found: list[Mapping[str, Any]] = []

        def answered() -> bool:
            return bool(found)

        self._until(answered, lambda got: found.append(got) if got.get("id") == number else None)
        answer = found[0]
        assert "error" not in answer, (method, answer["error"])
        result: dict[str, Any] = answer["result"]
        return result

    def _until(self, done: Any, taken: Any = None) -> None:
        deadline = time.monotonic() + _ANSWER_SECONDS
        while not done():
            while b"\0" not in self._data:
                left = deadline - time.monotonic()
                assert left > 0, "the browser does not answer"
                if not select.select([self._receiving], [], [], left)[0]:
                    continue
                got = os.read(self._receiving, 1 << 20)
                assert got, f"the browser ended with status {self._process.wait()}"
                self._data += got
            message, _, self._data = self._data.partition(b"\0")
            event = json.loads(message)
            self._note(event)
            if taken is not None:
                taken(event)

    def _note(self, event: Mapping[str, Any]) -> None:
        match event.get("method"), event.get("params", {}):
            case "Page.loadEventFired", _:
                self._loaded = True
            case "Network.requestWillBeSent", told:
                self.visit.requested.append(told["request"]["url"])
            case "Log.entryAdded", told:
                self.visit.complaints.append(told["entry"]["text"])
            case "Runtime.consoleAPICalled", told:
                self.visit.complaints.append(str(told["args"]))
            case "Runtime.exceptionThrown", told:
                self.visit.complaints.append(str(told["exceptionDetails"]))
            case "Page.javascriptDialogOpening", told:
                self.visit.dialogs.append(told["message"])


def _pipe() -> tuple[int, int]:
    """Return the ends of a pipe, neither of which is among the descriptors that the protocol takes."""
    low = os.pipe()
    high = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in low]
    for end in low:
        os.close(end)
    return high[0], high[1]


@contextmanager
def running_browser(folder: Path) -> Iterator[Browser]:
    """Run Chromium within the block, with a profile in a folder."""
    program = required("chromium")
    ours_in, theirs_out = _pipe()
    theirs_in, ours_out = _pipe()
    options = (
        "--headless",
        "--no-sandbox",  # it runs as root in containers, which have no user namespaces; the pages are our own
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--no-first-run",
        "--hide-scrollbars",
        "--remote-debugging-pipe",
        f"--user-data-dir={folder}",
    )
    # The protocol takes descriptors 3 and 4, which the shell moves ours to.
    moved = ["bash", "-c", f'exec "$0" "$@" 3<&{theirs_in} 4>&{theirs_out}', program, *options]
    environment = {**os.environ, "HOME": str(folder)}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            moved, pass_fds=(theirs_in, theirs_out), stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment
        )
    os.close(theirs_in)
    os.close(theirs_out)
    try:
        yield Browser(process, ours_out, ours_in)
    finally:
        process.terminate()
        process.wait()
        os.close(ours_in)
        os.close(ours_out)
