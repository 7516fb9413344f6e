"""Draw what imports what, for ARCHITECTURE.md: `make picture`. Run it after a package or a top module has changed.

An arrow leads from a package to what it imports. Arrows that others imply are left out (transitive reduction).
"""

from __future__ import annotations

import re
from pathlib import Path

import grimp
import networkx

PAGE = Path(__file__).parents[1] / "ARCHITECTURE.md"
PICTURE = re.compile(r"```mermaid\n.*?```", re.DOTALL)
PACKAGES = ("fastapply", "fastapply_lsp", "fastapply_lab")
OUTSIDE = {"fastapply", "fastapply.__main__", "fastapply_lab.__main__"}  # they only start or export the others


def picture() -> str:
    """The picture as Mermaid code in a fence. Raises NetworkXError if packages import each other in a circle."""
    imports = networkx.DiGraph()
    modules = grimp.build_graph(*PACKAGES, cache_dir=None)
    for importer in modules.modules:
        for imported in modules.find_modules_directly_imported_by(importer):
            if _part(importer) != _part(imported):
                imports.add_edge(_part(importer), _part(imported))
    imports.remove_nodes_from(OUTSIDE)
    arrows = sorted(networkx.transitive_reduction(imports).edges)
    lines = [f"    {_name(importer)} --> {_name(imported)}" for importer, imported in arrows]
    return "\n".join(["```mermaid", "flowchart TD", *lines, "```"])


def _part(module: str) -> str:
    """The package or top module that a module belongs to; the language server counts as one."""
    package, *inner = module.split(".")
    return package if package == "fastapply_lsp" else ".".join([package, *inner[:1]])


def _name(part: str) -> str:
    return part.removeprefix("fastapply.").replace("fastapply_lab.", "lab/")


if __name__ == "__main__":
    PAGE.write_text(PICTURE.sub(lambda _: picture(), PAGE.read_text("utf-8")), "utf-8")
