"""How model families mark the turns of a chat. Our templates are in ChatML; other families get the same turns."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fastapply.backends.turns import messages_of
from fastapply.prompt import Part, Special, Template, template
from fastapply.types import ApplyRequest


@dataclass(frozen=True)
class Family:
    """`sign`: text by which the chat template in a GGUF file shows this family. `opening` starts a turn; {} is the
    role. `first` starts the prompt."""

    name: str
    sign: str
    opening: tuple[Part, ...]
    closing: Part
    first: tuple[Part, ...] = ()
    assistant: str = "assistant"
    has_system: bool = True

    def parts(self, asked: Template, request: ApplyRequest) -> list[Part]:
        """The prompt of a template in this family's markup."""
        turns, answer = messages_of(asked, request)
        if not self.has_system and turns[0]["role"] == "system":
            system, turns = turns[0]["content"], turns[1:]
            turns[0] = {**turns[0], "content": f"{system}\n\n{turns[0]['content']}"}
        found = list(self.first)
        for turn in turns:
            found += [*self._open(turn["role"]), turn["content"], self.closing]
            found += ["\n"] if "\n" in self.opening else []
        return _joined([*found, *self._open("assistant"), answer])

    def _open(self, role: str) -> list[Part]:
        said = self.assistant if role == "assistant" else role
        return [part if isinstance(part, Special) else part.format(said) for part in self.opening]

    def of(self, asked: Template) -> Template:
        """A template in this family's markup. Raises UsageError if it is not a chat."""
        messages_of(asked, ApplyRequest("", ""))
        closing = self.closing if isinstance(asked.closing, Special) else asked.closing
        return replace(asked, parts=lambda request: self.parts(asked, request), closing=closing)


def _joined(parts: list[Part]) -> list[Part]:
    """`parts` with adjacent texts joined, because they must be tokenised together."""
    found: list[Part] = []
    for part in parts:
        if found and isinstance(part, str) and isinstance(found[-1], str):
            found[-1] += part
        else:
            found.append(part)
    return [part for part in found if part]


LLAMA3 = Family(
    "llama3",
    "<|start_header_id|>",
    (Special("<|start_header_id|>"), "{}", Special("<|end_header_id|>"), "\n\n"),
    Special("<|eot_id|>"),
    first=(Special("<|begin_of_text|>"),),
)
GEMMA = Family(
    "gemma",
    "<start_of_turn>",
    (Special("<start_of_turn>"), "{}", "\n"),
    Special("<end_of_turn>"),
    first=(Special("<bos>"),),
    assistant="model",
    has_system=False,
)
FAMILIES = (LLAMA3, GEMMA)

# Open apply models: a part of the model's name in the file, and the template that the model was trained with.
_TRAINED = (
    ("fastapply-135m", "fastapply"),
    ("fastapply", "kortix"),
    ("aixapply", "aixapply"),
    ("osmosis-apply", "osmosis"),
)


def template_of(model_name: str, chat_template: str, said: str | None) -> Template:
    """The template for a GGUF file, in its family's markup. `said`: the template that the user chose, or None.

    Raises UsageError if there is no such template, or if it is not a chat and the family's markup is not ChatML.
    """
    known = (name for sign, name in _TRAINED if sign in model_name.lower())
    return in_markup(template(said or next(known, "chat")), chat_template)


def in_markup(asked: Template, chat_template: str) -> Template:
    """A template in the markup of the family that a chat template shows; as it is if it shows none that is known.

    Raises UsageError if the template is not a chat.
    """
    family = next((each for each in FAMILIES if each.sign in chat_template), None)
    return family.of(asked) if family else asked
