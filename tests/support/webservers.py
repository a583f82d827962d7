"""Apache, nginx and Caddy as their packages install them, on loopback.

None is started as a service, and none needs rights: each runs in the foreground with a configuration of its
own, as a user without rights when the tests run as root.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import re
import shutil
import socket
import subprocess
import tempfile
import textwrap
import time
from pathlib import Path

import endpoint
import pytest

DOCS = Path(__file__).parents[2] / "docs"
MODULES = Path("/usr/lib/apache2/modules")
_PROGRAMS = {"apache": "apache2", "nginx": "nginx", "caddy": "caddy"}
_LOADED = "mpm_event authz_core mime dir alias headers rewrite filter deflate".split()  # noqa: SIM905

APACHE = """ServerRoot {home}
ServerName http://localhost
Listen 127.0.0.1:{port}
PidFile {home}/pid
Mutex file:{home}
ErrorLog {home}/log
TraceEnable Off
{modules}
TypesConfig /dev/null
DocumentRoot {folder}
<Directory {folder}>
  AllowOverride All
  Require all granted
</Directory>
Alias /some/prefix {folder}
"""
NGINX = """daemon off;
pid {home}/pid;
error_log {home}/log warn;
events {{}}
http {{
  access_log off;
  client_body_temp_path {home}/body;
  proxy_temp_path {home}/proxy;
  fastcgi_temp_path {home}/fastcgi;
  uwsgi_temp_path {home}/uwsgi;
  scgi_temp_path {home}/scgi;
  {config}
}}
"""
CADDY = """{{
  admin off
  auto_https off
}}
{config}
"""


def snippet(server, document, where=""):
    """What a page of docs/ says to write in the configuration of nginx or Caddy, for a port of loopback."""
    name, there, here = {
        "nginx": ("nginx", "server_name", "listen 127.0.0.1:{port};\n    server_name"),
        "caddy": ("Caddy", "data.example.org {", "http://127.0.0.1:{port} {"),
    }[server]
    text = (DOCS / document).read_text(encoding="utf-8")
    block = textwrap.dedent(re.search(rf"^.*{name}{where}:\n\n((?:    .*\n|\n)+)", text, re.MULTILINE)[1])
    assert there in block
    return block.replace(there, here, 1)


def rules(server, folder):
    """What `publish` has written for nginx or Caddy into a folder, for it and a port of loopback."""
    name, there, here = {
        "nginx": ("nginx.conf", "server_name ", "listen 127.0.0.1:{port};\n    server_name "),
        "caddy": ("Caddyfile", "\nlocalhost {", "\nhttp://127.0.0.1:{port} {"),
    }[server]
    text = (folder / name).read_text(encoding="utf-8").replace("/srv/site", str(folder))
    if server == "caddy":  # whatever its host is
        text = re.sub(r"(?m)^[a-z.]+ \{$", "localhost {", text, count=1)
    assert there in text
    return text.replace(there, here, 1)


def ask(server, path, accept=None, tongue=None, method="GET", **more):
    """An answer; of a header that comes in several lines, what they say together (RFC 9110, section 5.3)."""
    headers = {"Accept": accept, "Accept-Language": tongue}
    headers |= {name.replace("_", "-"): value for name, value in more.items()}
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    with contextlib.closing(connection):
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in headers.items():
            if value is not None:
                connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        names = {name.lower() for name in response.headers}
        found = {name: ", ".join(filter(None, response.headers.get_all(name))) for name in names}
        if "location" in found:  # Apache writes the whole address
            found["location"] = found["location"].removeprefix(f"http://127.0.0.1:{server.port}")
        return endpoint.Reply(response.status, found, response.read())


def program(server):
    """The path of a server's program; the test is skipped where there is none."""
    found = shutil.which(_PROGRAMS[server], path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if not found:
        pytest.skip(
            f"{_PROGRAMS[server]} is not installed here, so its rules are NOT tested; .ci/run installs it"
        )
    return found


def free():
    """A port on loopback that stays free until it is used: by itself the system gives away higher ones."""
    for port in random.sample(range(10_000, 32_000), 100):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError("no port is free")


@contextlib.contextmanager
def room():
    """A folder that anyone may look into, as pytest's own are not."""
    home = Path(tempfile.mkdtemp(prefix="policygraph-"))
    home.chmod(0o755)
    try:
        yield home
    finally:
        shutil.rmtree(home)


@contextlib.contextmanager
def running(server, folder=None, config=""):
    """Apache over a folder with its rules, or another with a configuration that says {port} for its port."""
    path, port = program(server), free()
    with room() as home:
        modules = "\n".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in _LOADED)
        whole = {"apache": APACHE, "nginx": NGINX, "caddy": CADDY}[server]
        text = whole.format(home=home, port=port, folder=folder, modules=modules, config=config)
        (home / "conf").write_text(text.replace("{port}", str(port)))
        command = {
            "apache": [path, "-DFOREGROUND", "-f", f"{home}/conf"],
            "nginx": [path, "-p", str(home), "-c", f"{home}/conf", "-e", f"{home}/log"],
            "caddy": [path, "run", "--config", f"{home}/conf", "--adapter", "caddyfile"],
        }[server]
        settings = {}
        if os.geteuid() == 0:
            settings = {"user": "nobody", "group": "nogroup", "extra_groups": []}
            shutil.chown(home, "nobody", "nogroup")
        environment = {**os.environ, **dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"), str(home))}
        with (home / "output").open("wb") as output:
            process = subprocess.Popen(
                command, stdout=output, stderr=subprocess.STDOUT, cwd=home, env=environment, **settings
            )
        try:
            for _ in range(600):
                told = (home / "output").read_text()
                assert process.poll() is None, told
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                time.sleep(0.05)
            else:
                raise AssertionError(told)
            yield endpoint.Endpoint(port, process, home / "output")
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
