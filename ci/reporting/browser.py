"""A headless Chromium, driven through its pipe: no driver and no package of Python is needed."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time


class Browser:
    """One browser with one page. Every message of its console, and every exception, is kept in `complaints`."""

    def __init__(self, program="chromium"):
        self.profile = tempfile.mkdtemp(prefix="causalgap-browser-")
        to_browser, self.writing = os.pipe()
        self.reading, from_browser = os.pipe()
        self.process = subprocess.Popen(
            [
                program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                "--disable-background-networking", "--no-first-run", "--hide-scrollbars", "--remote-debugging-pipe",
                f"--user-data-dir={self.profile}", "about:blank",
            ],
            preexec_fn=lambda: (os.dup2(to_browser, 3, inheritable=True), os.dup2(from_browser, 4, inheritable=True)),
            pass_fds=(3, 4), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        self.rest = b""
        self.number = 0
        self.session = None
        self.complaints = []
        self.events = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def close(self):
        self.process.terminate()
        self.process.wait()
        os.close(self.writing)
        os.close(self.reading)
        shutil.rmtree(self.profile, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def call(self, method, **parameters):
        """Sends a command and waits for its result; what happens meanwhile is noted."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.writing, json.dumps(message).encode() + b"\0")
        while True:
            found = self.receive()
            if found.get("id") == self.number:
                if "error" in found:
                    raise RuntimeError(f"{method}: {found['error']['message']}")
                return found["result"]
            self.note(found)

    def receive(self):
        while b"\0" not in self.rest:
            part = os.read(self.reading, 1 << 20)
            if not part:
                raise RuntimeError("the browser ended")
            self.rest += part
        message, _, self.rest = self.rest.partition(b"\0")
        return json.loads(message)

    def note(self, message):
        method, values = message.get("method"), message.get("params", {})
        self.events.append(method)
        if method == "Runtime.exceptionThrown":
            details = values["exceptionDetails"]
            self.complaints.append(details.get("exception", {}).get("description", details["text"]))
        elif method == "Runtime.consoleAPICalled" and values["type"] in ("error", "warning", "assert"):
            self.complaints.append(" ".join(str(one.get("value", one.get("description"))) for one in values["args"]))
        elif method == "Log.entryAdded" and values["entry"]["level"] in ("error", "warning"):
            self.complaints.append(values["entry"]["text"])

    def show(self, width, height=900, dark=False):
        """The size of the window, and the theme."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def open(self, path, fragment="", script=True):
        """Opens a file and returns the seconds until its script has finished."""
        self.call("Emulation.setScriptExecutionDisabled", value=not script)
        # Via an empty page: with another fragment alone the browser would load nothing.
        self.navigate("about:blank")
        began = time.monotonic()
        self.navigate(f"file://{os.path.abspath(path)}{fragment}")
        while script and self.value("document.documentElement.dataset.ready") != "yes":
            if time.monotonic() - began > 30:
                raise RuntimeError(f"the page's script did not finish within 30 s: {self.complaints}")
        if script:
            # Two frames later everything is painted.
            self.value("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")
        return time.monotonic() - began

    def navigate(self, address):
        """Returns when the page has loaded."""
        self.events = []
        self.call("Page.navigate", url=address)
        while "Page.loadEventFired" not in self.events:
            self.note(self.receive())

    def value(self, expression):
        """The value of an expression of JavaScript; promises are waited for."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in found:
            raise RuntimeError(found["exceptionDetails"].get("exception", {}).get("description", expression))
        return found["result"].get("value")

    def place(self, selector):
        """The middle of the first such element, scrolled into view."""
        return self.value(
            f"(() => {{ const one = document.querySelector({json.dumps(selector)}); one.scrollIntoView({{block: 'center'}});"
            " const box = one.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; })()")

    def hover(self, selector):
        x, y = self.place(selector)
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def click(self, selector):
        x, y = self.place(selector)
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def press(self, key, code=None, text=None):
        for kind in ("keyDown", "keyUp"):
            extra = {"text": text} if text and kind == "keyDown" else {}
            self.call(
                "Input.dispatchKeyEvent", type=kind, key=key, code=code or key,
                windowsVirtualKeyCode={"Enter": 13, "Escape": 27, "Tab": 9}.get(key, 0), **extra)

    def screenshot(self, path, full=True):
        found = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=full, **self.clip(full))
        with open(path, "wb") as file:
            file.write(base64.b64decode(found["data"]))

    def clip(self, full):
        if not full:
            return {}
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        return {"clip": {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 16000), "scale": 1}}
