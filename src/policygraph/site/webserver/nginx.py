"""Write the rules of a published folder for nginx, to include in a server with that root."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from policygraph.i18n import LANGUAGES
from policygraph.site.headers import METHODS, MIN_GZIP, NOTHING_LOADS, PREFLIGHT
from policygraph.site.webserver.rules import (
    ALWAYS,
    FORMS,
    LESS,
    NOT_ACCEPTABLE,
    NOT_ALLOWED,
    VARIABLE,
    VARY,
    Step,
    Summary,
    pattern,
    steps,
)

_GROUP = re.compile(r"(?<!\\)\((?!\?)")


def _steps(steps: Iterable[Step]) -> Iterator[str]:
    def written(text: str) -> str:
        return VARIABLE.sub(lambda match: f"${{pg_{match[1]}}}", text)

    for step in steps:
        sets = " ".join(f'set $pg_{name} "{written(value)}";' for name, value in step.sets.items())
        if step.test is None:
            yield sets
            continue
        how, text, other = step.test
        if how in ("file", "missing"):
            yield f'if ({"!" if how == "missing" else ""}-f "$document_root/{written(text)}") {{ {sets} }}'
            continue
        subject = written(text) if how == "match" else f"{written(text)} {written(other)}"
        yield f'set $pg_text "{subject}";'
        # nginx writes $1 as in an address, with signs of percent; a group with a name is what it matched.
        regex = _GROUP.sub("(?<pg_1>", other, count=1) if how == "match" else LESS
        yield f'if ($pg_text ~ "{regex}") {{ {sets} }}'


def _variable(header: str) -> str:
    return f"$pg_{header.replace('-', '_')}"


def nginx(summary: Summary) -> str:
    """The file to include in an nginx server with the folder as its root."""
    lines = [
        "# Written by policygraph publish: a folder as linked data, under nginx. See docs/rewriting.md.",
        "# server { listen 80; server_name data.example.org; root FOLDER; include FOLDER/nginx.conf; }",
        "",
        "types {",
    ]
    by_media: dict[str, list[str]] = {}
    for suffix, media in sorted(summary.types.items()):
        if suffix:
            by_media.setdefault(media, []).append(suffix[1:])
    lines += [f"    {media} {' '.join(suffixes)};" for media, suffixes in sorted(by_media.items())]
    medias = summary.compressible()
    lines += [
        "}",
        "default_type text/plain;",
        "charset utf-8;",
        f"charset_types {' '.join(m for m in medias if m.startswith('text/') and m != 'text/html')};",
        "absolute_redirect off;",
        "gzip on;",
        "gzip_vary on;",
        f"gzip_min_length {MIN_GZIP};",
        f"gzip_types {' '.join(media for media in medias if media != 'text/html')};",
        "error_page 404 $pg_missing;",
        "",
    ]
    lines += [f'add_header {name} "{value}" always;' for name, value in ALWAYS.items()]
    names = ("vary", "allow", *PREFLIGHT, "content-location", "content-language")  # empty unless set below
    lines += [f"add_header {name} {_variable(name)} always;" for name in (*names, "content-security-policy")]
    lines += [f"add_header link {_variable('link-' + suffix[1:])} always;" for suffix in FORMS]
    lines += [
        "",
        *(f'set {_variable(name)} "";' for name in names),
        *(f'set $pg_link_{suffix[1:]} "";' for suffix in FORMS),
        f'set $pg_content_security_policy "{NOTHING_LOADS}";',
        'set $pg_missing "/404.html";',
        'set $pg_path ""; set $pg_raw "";',
        'if ($uri ~ "^/(?<pg_1>.*)$") { set $pg_path $pg_1; }',
        'if ($request_uri ~ "^/+(?<pg_1>[^?]*)") { set $pg_raw $pg_1; }',
        r'if ($uri ~ "[\x01-\x1F]") { return 404; }',  # patterns take a line break for the end
        "set $pg_accept $http_accept; set $pg_language $http_accept_language;",
        "",
        "# What is read is answered; OPTIONS tells that.",
        f'if ($request_method !~ "^(?:GET|HEAD)$") {{ set $pg_allow "{METHODS}"; }}',
        "if ($request_method = OPTIONS) { "
        + " ".join(f'set {_variable(name)} "{value}";' for name, value in PREFLIGHT.items())
        + " return 204; }",
        f'if ($request_method !~ "^(?:GET|HEAD)$") {{ return 405 "{NOT_ALLOWED}\\n"; }}',
        "",
        "# Which document is meant, which forms there are, and which of them is wanted most.",
        *_steps(steps()),
        'set $pg_missing "/$pg_lost";',
        "",
        "# What is told of it.",
    ]
    for suffix, media in FORMS.items():
        name = suffix[1:]
        link = f'</${{pg_at}}{suffix}>; rel=\\"alternate\\"; type=\\"{media}\\"'
        lines.append(f'if ($pg_has_{name}) {{ set $pg_link_{name} "{link}"; }}')
    lines += [
        f'if ($pg_document = "") {{ set $pg_vary "{VARY}"; }}',
        'set $pg_goal "";',
        'if ($pg_answer = "file") { set $pg_goal "$pg_path"; }',
        'if ($pg_answer = "document") { set $pg_goal "$pg_stem$pg_form"; }',
        f'if ($pg_goal ~ "\\.html$") {{ set $pg_content_security_policy "{summary.policy}"; '
        f"set $pg_content_language {LANGUAGES[0]}; }}",
        *(
            f'if ($pg_goal ~ "\\.{language}\\.html$") {{ set $pg_content_language {language}; }}'
            for language in LANGUAGES[1:]
        ),
        *(
            f'if ($pg_goal ~ "^{pattern([path])}$") {{ set $pg_content_security_policy "{policy}"; }}'
            for path, policy in summary.policies.items()
        ),
        "",
        "# The answer.",
        'if ($pg_answer = "nothing") { return 404; }',
        'if ($pg_answer = "slash") { return 308 /$pg_raw$is_args$args; }',
        f'if ($pg_answer = "refused") {{ return 406 "{NOT_ACCEPTABLE}$pg_offered\\n"; }}',
        'if ($pg_answer = "see") { return 303 /$pg_at$pg_form; }',
        'if ($pg_answer = "document") { set $pg_content_location "/$pg_at$pg_form"; }',
        'if ($pg_answer = "document") { rewrite ^ /$pg_goal break; }',
        "",
    ]
    for suffix, media in sorted(summary.answers.items()):
        lines += [
            f'location ~ "^/query/[^/]+{re.escape(suffix)}$" {{',
            f"    types {{ {media} {suffix[1:]}; }}",
            "}",
        ]
    for path, media in summary.single.items():
        lines += [f'location = "{path}" {{', "    types { }", f"    default_type {media};", "}"]
    return "\n".join(lines) + "\n"
