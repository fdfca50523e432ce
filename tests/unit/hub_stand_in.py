"""The few answers of the Hugging Face hub that uploads and downloads need.

Authors
 * The mtqnet-brain developers 2026
"""

import base64
import hashlib
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "0" * 40


class _Answers(BaseHTTPRequestHandler):
    """Keeps one commit of files, whatever the repository's name."""

    def log_message(self, *args):
        """Say nothing."""

    def do_POST(self):
        """Make a repository, say how to upload, take a commit."""
        hub, where = self.server, self.path
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if hub.refuse:
            return self._answer(403, {"error": "no right to write there"})
        answer = {}
        if "/preupload/" in where:
            paths = [file["path"] for file in json.loads(body)["files"]]
            kind = {"uploadMode": "regular", "shouldIgnore": False}
            answer = {"files": [{"path": path, **kind} for path in paths]}
        elif "/commit/" in where:
            hub.name = where.removeprefix("/api/models/").split("/commit/")[0]
            for line in map(json.loads, body.splitlines()):
                if line["key"] == "file":
                    content = base64.b64decode(line["value"]["content"])
                    hub.files[line["value"]["path"]] = content
            url = f"{hub.url}/{hub.name}/commit/{COMMIT}"
            answer = {"commitUrl": url, "commitOid": COMMIT}
        elif where == "/api/repos/create":
            made = json.loads(body)
            hub.made.append(made)
            where = f"{made['organization']}/{made['name']}"
            answer = {"url": f"{hub.url}/{where}"}
        self._answer(200, answer)

    def do_HEAD(self):
        """Describe a file."""
        self._send_file(with_body=False)

    def do_GET(self):
        """Send a file."""
        self._send_file(with_body=True)

    def _send_file(self, with_body):
        """Answer with a file of the commit, or that there is none."""
        self.server.asked.append((self.path, self.headers["Authorization"]))
        repository, _, rest = self.path.lstrip("/").partition("/resolve/")
        content = self.server.files.get(rest.partition("/")[2])
        if content is None or repository != self.server.name:
            self.send_response(404)
            self.send_header("X-Error-Code", "EntryNotFound")
            self.send_header("Content-Length", "0")
            return self.end_headers()
        self.send_response(200)
        self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if with_body:
            self.wfile.write(content)

    def _answer(self, code, content):
        """Send JSON."""
        body = json.dumps(content).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def stand_in_hub(monkeypatch, cache):
    """Let ``huggingface_hub`` speak to a server on this machine."""
    from huggingface_hub import constants

    hub = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    hub.url = f"http://127.0.0.1:{hub.server_port}"
    hub.files, hub.made, hub.asked = {}, [], []
    hub.name, hub.refuse = None, False
    template = hub.url + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "ENDPOINT", hub.url)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setenv("HF_TOKEN", "stand-in")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    thread = threading.Thread(target=hub.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.shutdown()
        hub.server_close()
        thread.join()
