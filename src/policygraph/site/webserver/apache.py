"""Write the rules of a published folder for Apache: a .htaccess, at any path of a host."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from policygraph.i18n import LANGUAGES
from policygraph.site.headers import METHODS, NOTHING_LOADS, PREFLIGHT
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
    Test,
    content_type,
    pattern,
    steps,
)

ASKED = 'RewriteRule ^ - "[E=PG_ACCEPT:%{HTTP:Accept},E=PG_LANGUAGE:%{HTTP:Accept-Language}]"'
"""The statement that reads a request's preferences."""


def statements(steps: Iterable[Step]) -> Iterator[str]:
    """Write steps as statements of mod_rewrite."""

    def written(text: str) -> str:
        return VARIABLE.sub(lambda m: "%1" if m[1] == "1" else f"%{{ENV:PG_{m[1].upper()}}}", text)

    def condition(test: Test) -> str:
        if test.how == "match":
            return f'RewriteCond "{written(test.text)}" "{test.other}"'
        if test.how == "less":
            return f'RewriteCond "{written(test.text)} {written(test.other)}" "{LESS}"'
        no = "!" if test.how == "missing" else ""
        return f'RewriteCond "%{{ENV:PG_FOLDER}}{written(test.text)}" {no}-f'

    for step in steps:
        if step.test:
            yield condition(step.test)
        flags = ",".join(f"E=PG_{name.upper()}:{written(value)}" for name, value in step.sets.items())
        yield f'RewriteRule ^ - "[{flags}]"'


def apache(summary: Summary) -> str:
    """The .htaccess of a folder, at any path of a host (Apache 2.4.16 or later)."""

    def env(name: str) -> str:  # after a rewrite to a file, Apache renames a variable REDIRECT_…
        return f"%{{reqenv:PG_{name}}}%{{reqenv:REDIRECT_PG_{name}}}"

    def answered(answer: str, what: str) -> Iterator[str]:
        yield f"RewriteCond %{{ENV:PG_ANSWER}} ={answer}"
        yield f"RewriteRule ^ {what}"

    lines = [
        "# Written by policygraph publish: this folder as linked data, under Apache 2.4.16 or later with",
        "# mod_rewrite, mod_headers and mod_mime, and AllowOverride All. See docs/rewriting.md.",
        "",
        "Options -Indexes -MultiViews",
        "DirectorySlash Off",
        "DirectoryIndex disabled",
        "FileETag MTime Size",
        "",
    ]
    for suffix, media in sorted(summary.types.items()):
        if suffix:
            lines.append(f"AddType {media} {suffix}")
    text = [s for s, media in sorted(summary.types.items()) if s and media.startswith("text/")]
    lines.append(f"AddCharset utf-8 {' '.join(text)}")
    lines.append("RemoveEncoding .gz")
    for language in LANGUAGES[1:]:
        lines.append(f"AddLanguage {language} .{language}")
    lines += [
        "AddDefaultCharset Off",
        '<FilesMatch "^[^.]+$">',
        '  ForceType "text/plain; charset=utf-8"',
        "</FilesMatch>",
        '<FilesMatch "\\.html$">',
        f"  DefaultLanguage {LANGUAGES[0]}",
        "</FilesMatch>",
    ]
    for suffix, media in sorted(summary.answers.items()):
        lines += [f'<If "%{{REQUEST_FILENAME}} =~ m#/query/[^/]+{re.escape(suffix)}$#">']
        lines += [f'  ForceType "{content_type(media)}"', "</If>"]
    for path, media in summary.single.items():
        lines += [f'<If "%{{REQUEST_FILENAME}} =~ m#/{pattern([path])}$#">']
        lines += [f'  ForceType "{content_type(media)}"', "</If>"]
    lines += [
        "",
        "RewriteEngine On",
        "RewriteOptions AllowNoSlash",
        "# Where this folder is, as an address and on disk; what is asked for below it.",
        'RewriteCond "%{REQUEST_URI}::$1" "^(.*/)(.*)::\\2$"',
        'RewriteRule ^(.*)$ - "[E=PG_ROOT:%1,E=PG_PATH:$1,E=PG_RAW:$1]"',
        'RewriteCond "%{CONTEXT_PREFIX}::%{ENV:PG_ROOT}" "^(.*)::\\1/?(.*)$"',
        'RewriteRule ^ - "[E=PG_FOLDER:%{CONTEXT_DOCUMENT_ROOT}/%2]"',
        'RewriteCond "%{ENV:PG_ROOT}" "^/(.*)$"',
        'RewriteRule ^ - "[E=PG_BELOW:%1]"',
        ASKED,
        "",
        "# What is read is answered; OPTIONS tells that.",
        "RewriteCond %{REQUEST_METHOD} =OPTIONS",
        "RewriteRule ^ - [R=204,END]",
        "RewriteCond %{REQUEST_METHOD} !^(?:GET|HEAD)$",
        "RewriteRule ^ - [R=405,END]",
        "",
        "# Which document is meant, which forms there are, and which of them is wanted most.",
        *statements(steps()),
        "",
        "# The answer.",
        *answered("file", "- [END]"),
        *answered("nothing", "- [R=404,END]"),
        *answered("slash", '"%{ENV:PG_ROOT}%{ENV:PG_PATH}" [R=308,END]'),
        *answered("refused", "- [R=406,END]"),
        *answered("see", '"%{ENV:PG_ROOT}%{ENV:PG_STEM}%{ENV:PG_FORM}" [R=303,QSD,END]'),
        'RewriteRule ^ "%{ENV:PG_ROOT}%{ENV:PG_STEM}%{ENV:PG_FORM}" "[E=PG_NEGOTIATED:1,END]"',
        "",
        'ErrorDocument 404 "/%{reqenv:PG_BELOW}%{reqenv:PG_LOST}"',
        f'ErrorDocument 405 "{NOT_ALLOWED}"',
        f'ErrorDocument 406 "{NOT_ACCEPTABLE}%{{reqenv:PG_OFFERED}}"',
        "",
    ]
    lines += [f'Header always set {name} "{value}"' for name, value in ALWAYS.items()]
    lines += [
        "Header always unset Allow \"expr=%{REQUEST_STATUS} in { '204', '405' }\"",
        "Header unset Allow \"expr=%{REQUEST_STATUS} in { '204', '405' }\"",
        f"Header always set Allow \"{METHODS}\" \"expr=%{{REQUEST_STATUS}} in {{ '204', '405' }}\"",
    ]
    lines += [
        f'Header always set {name} "{value}" "expr=%{{REQUEST_STATUS}} == \'204\'"'
        for name, value in PREFLIGHT.items()
    ]
    lines += [
        f"Header always set Vary \"{VARY}\" \"expr=%{{REQUEST_STATUS}} in {{ '303', '406', '404' }}\"",
        f'Header merge Vary "{VARY}" "expr=-n \'{env("NEGOTIATED")}\'"',
        "Header set Content-Location "
        f'"expr=%{{escape:{env("ROOT")}{env("STEM")}{env("FORM")}}}" "expr=-n \'{env("NEGOTIATED")}\'"',
        f'Header set Content-Security-Policy "{NOTHING_LOADS}"',
        f'Header set Content-Security-Policy "{summary.policy}" "expr=%{{CONTENT_TYPE}} =~ m#^text/html#"',
    ]
    for path, policy in summary.policies.items():
        lines.append(
            f'Header set Content-Security-Policy "{policy}" '
            f'"expr=%{{REQUEST_FILENAME}} =~ m#/{pattern([path])}$#"'
        )
    for suffix, media in FORMS.items():
        there = f"-n '{env('HAS_' + suffix[1:].upper())}'"
        lines.append(
            f'Header always add Link "expr=<%{{escape:{env("ROOT")}{env("AT")}}}{suffix}>; '
            f'rel=\\"alternate\\"; type=\\"{media}\\"" "expr={there}"'
        )
    lines += [
        "",
        "<IfModule mod_deflate.c>",
        "  # What is packed has a tag of its own, which Apache does not know again.",
        r'  RequestHeader edit* If-None-Match "-gzip\"" "\""',
        f"  AddOutputFilterByType DEFLATE {' '.join(summary.compressible())}",
        "</IfModule>",
        "",
    ]
    return "\n".join(lines)
