"""The rules by which web servers answer over a published folder, and those that lead from w3id.org to it.

One table of steps, in `rules`, is written in the words of each server.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from policygraph.site.webserver.apache import ASKED, apache, statements
from policygraph.site.webserver.caddy import caddy
from policygraph.site.webserver.nginx import nginx
from policygraph.site.webserver.rules import VOID, Served, pattern, persistent_steps, summary


def files(documents: Mapping[str, Served], *, address: str = "") -> Mapping[str, bytes]:
    """The rules for a folder of these documents, by the name of the file that each server reads.

    `address` is where the folder is on the web; only with it there are rules for w3id.org.
    """
    found = summary(documents)
    texts = {".htaccess": apache(found), "nginx.conf": nginx(found), "Caddyfile": caddy(found)}
    if address:
        texts["w3id.htaccess"] = persistent(documents, address)
    return {name: text.encode() for name, text in texts.items()}


def persistent(documents: Mapping[str, Served], address: str) -> str:
    """The .htaccess on w3id.org that leads from each persistent address to the folder at `address`.

    It keeps to what w3id.org asks for: redirects only, nothing permanent, no 406, a maintainer named.
    """
    place = address.rstrip("/") + "/"
    endings = sorted({path.rpartition(".")[2] for path in documents if "." in path.rpartition("/")[2]})
    plainly = sorted(
        path for path in documents if "." not in path.rpartition("/")[2] and not re.match(VOID, path[1:])
    )
    named = [f".+\\.(?:{'|'.join(endings)})", *([pattern(plainly)] if plainly else [])]
    lines = [
        f"# Redirects to {place}, where the documents are; written by policygraph publish.",
        "#",
        "# ## Contact",
        "# This space is administered by:",
        "#",
        "# (name, e-mail address and GitHub username of who maintains it)",
        "",
        "RewriteEngine on",
        "",
        "# A document keeps its name.",
        f"RewriteRule ^(?!id/)({'|'.join(named)})$ {place}$1 [R=302,L]",
        "",
        "# Anything else leads to the document about it that is wanted most, or to the page for people.",
        'RewriteRule ^(.*)$ - "[E=PG_PATH:$1]"',
        ASKED,
        *statements(persistent_steps(documents)),
        f'RewriteRule ^ "{place}%{{ENV:PG_STEM}}%{{ENV:PG_FORM}}" [R=303,L]',
    ]
    return "\n".join(lines) + "\n"
