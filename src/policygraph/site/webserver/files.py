"""Write the files of rules for web servers with a published folder, and for redirects from w3id.org to it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from policygraph.site.webserver.apache import ASKED, apache, statements
from policygraph.site.webserver.caddy import caddy
from policygraph.site.webserver.nginx import nginx
from policygraph.site.webserver.rules import VOID, Served, pattern, persistent_steps, summary


def files(documents: Mapping[str, Served], *, address: str = "") -> Mapping[str, bytes]:
    """The rules for a folder of these documents, by the name of each server's file.

    `address` is where the folder is on the web; only with it there are rules for w3id.org.
    """
    known = summary(documents)
    texts = {".htaccess": apache(known), "nginx.conf": nginx(known), "Caddyfile": caddy(known)}
    if address:
        texts["w3id.htaccess"] = persistent(documents, address)
    return {name: text.encode() for name, text in texts.items()}


def persistent(documents: Mapping[str, Served], address: str) -> str:
    """The .htaccess on w3id.org that redirects each persistent URL to the folder at `address`.

    It meets the conditions of w3id.org: redirects only, none permanent, no 406, a named maintainer.
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
