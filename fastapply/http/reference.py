"""The page at /docs: every endpoint with an example to paste. One HTML file that loads nothing else."""

from __future__ import annotations

import json
from html import escape
from typing import Any

_STYLE = (
    "body{font:16px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "pre{background:#8882;padding:1rem;overflow-x:auto}code{font-family:ui-monospace,monospace}"
    "table{border-collapse:collapse}td,th{border:1px solid #8886;padding:.2rem .6rem;text-align:left}"
)


def reference_page(openapi: dict[str, Any]) -> str:
    """The HTML page for an OpenAPI description."""
    info = openapi["info"]
    parts = [
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(info['title'])}</title>",
        f"<meta name=viewport content='width=device-width'><meta name=color-scheme content='light dark'>"
        f"<style>{_STYLE}</style><h1>{escape(info['title'])} {escape(info['version'])}</h1>",
        f"<p>{escape(info['description'])} The machine-readable form: <a href=openapi.json>openapi.json</a>.</p>",
    ]
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            parts.append(_section(path, method, operation, openapi["components"]["schemas"]))
    return "\n".join(parts)


def _section(path: str, method: str, operation: dict[str, Any], schemas: dict[str, Any]) -> str:
    parts = [f"<h2><code>{method.upper()} {escape(path)}</code></h2><p>{escape(operation.get('description', ''))}</p>"]
    body = operation.get("requestBody")
    if body:
        schema = schemas[body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]]
        parts.append(_fields(schema))
        shell = json.dumps(schema["examples"][0], indent=2).replace("'", "'\\''")
        parts.append(f"<pre><code>curl localhost:8331{escape(path)} --json '{escape(shell)}'</code></pre>")
    else:
        parts.append(f"<pre><code>curl localhost:8331{escape(path)}</code></pre>")
    return "\n".join(parts)


def _fields(schema: dict[str, Any]) -> str:
    required = schema.get("required", [])
    rows = [
        f"<tr><td><code>{escape(name)}</code><td>{'required' if name in required else 'optional'}"
        f"<td>{escape(field.get('description', ''))}"
        for name, field in schema["properties"].items()
    ]
    return f"<table><tr><th>field<th><th>{''.join(rows)}</table>"
