"""Write the rules of a published folder for Caddy, to import into a site with that root."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policygraph.i18n import LANGUAGES
from policygraph.site.headers import METHODS, MIN_GZIP, NOTHING_LOADS, PREFLIGHT
from policygraph.site.webserver.rules import (
    ALWAYS,
    FORMS,
    NOT_ACCEPTABLE,
    NOT_ALLOWED,
    VARIABLE,
    VARY,
    Step,
    Summary,
    content_type,
    steps,
)


def _steps(steps: Iterable[Step]) -> Iterator[str]:
    for number, step in enumerate(steps):
        name = f"@pg{number}"

        def written(text: str, group: str = f"{{re.pg{number}.1}}") -> str:
            return VARIABLE.sub(lambda m: group if m[1] == "1" else f"{{vars.pg_{m[1]}}}", text)

        if step.test is not None:
            how, text, other = step.test
            if how == "match":
                field = written(text)
                if text.count("{") > 1 or not text.startswith("{"):
                    yield f'vars pg_text "{field}"'
                    field = "{vars.pg_text}"
                yield f"{name} vars_regexp pg{number} {field} `{other}`"
            elif how == "less":
                yield f"{name} expression `{written(text)} < {written(other)}`"
            else:
                test = f'file "/{written(text)}"'
                yield f"{name} {'not ' if how == 'missing' else ''}{test}"
        # At once, for a variable that is set may be what the test looks at.
        yield f"vars {name + ' ' if step.test else ''}{{"
        yield from (f'    pg_{variable} "{written(value)}"' for variable, value in step.sets.items())
        yield "}"


def caddy(summary: Summary) -> str:
    """The Caddyfile to import into a site with the folder as its root."""
    route = [
        'vars pg_path ""',
        'vars pg_raw ""',
        "@pgpath vars_regexp pgpath {http.request.uri.path} `(?s)^/(.*)$`",
        "vars @pgpath pg_path {re.pgpath.1}",
        "@pgraw vars_regexp pgraw {http.request.uri} `^/+([^?]*)`",
        "vars @pgraw pg_raw {re.pgraw.1}",
        'vars pg_accept "{http.request.header.Accept}"',
        'vars pg_language "{http.request.header.Accept-Language}"',
        *(f'header {name} "{value}"' for name, value in ALWAYS.items()),
        f'header Content-Security-Policy "{NOTHING_LOADS}"',
        "",
        "# What is read is answered; OPTIONS tells that.",
        "@pgother not method GET HEAD",
        f'header @pgother Allow "{METHODS}"',
        "@pgoptions method OPTIONS",
        *(f'header @pgoptions {name} "{value}"' for name, value in PREFLIGHT.items()),
        "respond @pgoptions 204",
        'header @pgother Content-Type "text/plain; charset=utf-8"',
        f'respond @pgother "{NOT_ALLOWED}" 405',
        "",
        "# Which document is meant, which forms there are, and which of them is wanted most.",
        *_steps(steps()),
        "",
        "# The answer.",
        *(
            f"@pg_{answer} vars pg_answer {answer}"
            for answer in ("nothing", "slash", "refused", "see", "document")
        ),
        "@pg_negotiated not vars pg_answer file",
        f'header @pg_negotiated Vary "{VARY}"',
        "error @pg_nothing 404",
    ]
    for suffix, media in FORMS.items():
        name = f"@pghas_{suffix[1:]}"
        route.append(f"{name} vars pg_has_{suffix[1:]} 1")
        route.append(f'header {name} +Link `</{{vars.pg_at}}{suffix}>; rel="alternate"; type="{media}"`')
    route += [
        '@pg_query expression `{vars.pg_answer} == "slash" && {http.request.uri.query} != ""`',
        "redir @pg_query /{vars.pg_raw}?{http.request.uri.query} 308",
        "redir @pg_slash /{vars.pg_raw} 308",
        'header @pg_refused Content-Type "text/plain; charset=utf-8"',
        f'respond @pg_refused "{NOT_ACCEPTABLE}{{vars.pg_offered}}" 406',
        "redir @pg_see /{vars.pg_at}{vars.pg_form} 303",
        "header @pg_document Content-Location /{vars.pg_at}{vars.pg_form}",
        "rewrite @pg_document /{vars.pg_at}{vars.pg_form}",
        "",
        "# What a document is served as.",
        *_types(summary),
        "# Packed or not, a document would have the same tag; a weak one may be the same.",
        "@pg_packed header Accept-Encoding *gzip*",
        "header @pg_packed {",
        """    Etag `^"` `W/"`""",
        "    defer",
        "}",
        "encode {",
        "    gzip",
        f"    minimum_length {MIN_GZIP}",
        "    match {",
        *(f"        header Content-Type {media}*" for media in summary.compressible()),
        "    }",
        "}",
        "file_server",
    ]
    lines = [
        "# Written by policygraph publish: a folder as linked data, under Caddy 2. See docs/rewriting.md.",
        "# data.example.org {",
        "#     root * FOLDER",
        "#     import FOLDER/Caddyfile",
        "# }",
        "",
        "route {",
        *(f"    {line}" if line else "" for line in route),
        "}",
        "",
        "handle_errors {",
        *(f'    header {name} "{value}"' for name, value in ALWAYS.items()),
        '    header Content-Type "text/html; charset=utf-8"',
        f'    header Content-Security-Policy "{summary.policy}"',
        "    rewrite * /{vars.pg_lost}",
        "    file_server",
        "}",
    ]
    return "\n".join(lines) + "\n"


def _types(summary: Summary) -> Iterator[str]:
    for suffix, media in sorted(summary.types.items()):
        name = f"@pgtype_{suffix[1:]}"
        yield f"{name} path *{suffix}" if suffix else f"{name} not path *.*"
        yield f'header {name} Content-Type "{content_type(media)}"'
    for suffix, media in sorted(summary.answers.items()):
        yield f"@pganswer_{suffix[1:]} path /query/*{suffix}"
        yield f'header @pganswer_{suffix[1:]} Content-Type "{content_type(media)}"'
    for number, (path, media) in enumerate(summary.single.items()):
        yield f"@pgsingle{number} path {path}"
        yield f'header @pgsingle{number} Content-Type "{content_type(media)}"'
    yield f'header @pgtype_html Content-Security-Policy "{summary.policy}"'
    yield f"header @pgtype_html Content-Language {LANGUAGES[0]}"
    for language in LANGUAGES[1:]:
        yield f"@pgpage_{language} path *.{language}.html"
        yield f"header @pgpage_{language} Content-Language {language}"
    for number, (path, policy) in enumerate(summary.policies.items()):
        yield f"@pgpolicy{number} path {path}"
        yield f'header @pgpolicy{number} Content-Security-Policy "{policy}"'
