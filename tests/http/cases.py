"""One file and one edit, in every wire format."""

from __future__ import annotations

ORIGINAL = "import sys\n\n\ndef first():\n    return 1\n\n\ndef second():\n    return 2\n"
UPDATE = "# ... existing code ...\ndef first():\n    return 10\n# ... existing code ...\n"
CHANGED = ORIGINAL.replace("return 1\n", "return 10\n")
BROKEN = UPDATE.replace("10", "(10")
FOREIGN = "nothing(of, this.stands)\n"
# Methods that are alike, so that an update that shows one of them says nothing of which: it needs review, however sure
# the weights are.
METHOD = "    def read(self):\n        x = open(self.path)\n        return x.read()\n"
MANY = "\n\n".join(f"class {name}:\n{METHOD}" for name in ("First", "Second", "Third"))
READ = f"# ... existing code ...\n{METHOD.replace('read()', 'read().strip()')}# ... existing code ...\n"

MORPH = "<instruction>ten</instruction>\n<code>{0}</code>\n<update>{1}</update>"
KORTIX = (
    "Merge all changes from the <update> snippet into the <code> below.\n"
    "- Output only the updated code, enclosed within <updated-code> and </updated-code> tags.\n\n"
    "<code>{0}</code>\n\n<update>{1}</update>\n\nProvide the complete updated code."
)
AIXAPPLY = "<language>Python</language>\n<source_file>{0}</source_file>\n<update_snippet>{1}</update_snippet>"


def chat(content: object, **more: object) -> dict[str, object]:
    return {"model": "any", "path": "a.py", "messages": [{"role": "user", "content": content}], **more}
