"""Prompt templates and the tokenizer. Serving and training both turn requests into tokens here.

In our own template the delimiters are special tokens of the vocabulary. Content is encoded with special tokens
disabled, so no file content can end its section.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from fastapply.config import EMBEDDED_MODEL, Settings
from fastapply.errors import ModelError, UsageError
from fastapply.types import ApplyRequest


class Special(NamedTuple):
    """A special token, by a name such as `<file_sep>`. Everything else in a prompt is content."""

    name: str


Part = Special | str


@dataclass(frozen=True)
class Template:
    """The prompt of one family of apply models.

    The model answers with the rewritten file and then `closing`. If `closing` is plain text and not a special token,
    the answer is cut at its last occurrence, so that one inside the file does not truncate the file. `writes`: such a
    model was made to write, and needs no candidates to choose among.
    """

    name: str
    parts: Callable[[ApplyRequest], list[Part]]
    closing: Part
    writes: bool = False


class Codec:
    """A tokenizer that converts text to ids and back exactly, with special tokens only on request."""

    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = tokenizer
        self.special_ids = frozenset(int(token) for token in tokenizer.all_special_ids) | frozenset(
            int(token) for token in tokenizer.get_added_vocab().values()
        )

    @classmethod
    def load(cls, where: str | Path) -> Codec:
        """Load a tokenizer from a folder or a Hugging Face id. Raises ModelError if there is none."""
        from transformers import AutoTokenizer

        try:
            return cls(AutoTokenizer.from_pretrained(str(where)))
        except (OSError, ValueError) as error:
            raise ModelError(f"no tokenizer for the model `{where}`: {str(error).splitlines()[0]}") from error

    @property
    def end(self) -> int:
        """The id of the token that ends an answer."""
        return int(self.tokenizer.eos_token_id)

    @property
    def chat_template(self) -> str:
        """The model's own chat template (Jinja), or ""."""
        own = self.tokenizer.chat_template
        return own if isinstance(own, str) else ""

    def encode(self, text: str) -> list[int]:
        """The ids of content. Text that looks like a special token is encoded as text."""
        ids: list[int] = self.tokenizer(text, add_special_tokens=False, split_special_tokens=True).input_ids
        return ids

    def decode(self, tokens: Sequence[int]) -> str:
        text: str = self.tokenizer.decode(list(tokens), skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return text

    def special(self, name: str) -> int:
        """The id of a special token. Raises ModelError if the vocabulary lacks it: the template does not fit."""
        token = self.tokenizer.convert_tokens_to_ids(name)
        known = token is not None and self.tokenizer.convert_ids_to_tokens(token) == name
        if not known or token not in self.special_ids:
            raise ModelError(f"the vocabulary has no token `{name}`; choose another --template")
        return int(token)

    def encode_parts(self, parts: Sequence[Part]) -> list[int]:
        """The ids of a whole prompt, with delimiters as special tokens."""
        tokens: list[int] = []
        for part in parts:
            tokens.extend([self.special(part.name)] if isinstance(part, Special) else self.encode(part))
        return tokens

    def substitutes(self, texts: Iterable[str]) -> dict[str, str]:
        """For each character of `texts` that the vocabulary cannot encode, one that it can and that no text contains.

        Some vocabularies lack a few bytes (control characters, rare planes), so such characters would be lost.
        """
        present = frozenset().union(*map(frozenset, texts))
        lost = sorted(c for c in present if not (c.isascii() and c.isprintable()) and not self._can_say(c))
        free = (c for c in _RARE if c not in present and self._can_say(c)) if lost else iter(())
        return dict(zip(lost, free, strict=False))

    def _can_say(self, character: str) -> bool:
        return self.decode(self.encode(character)) == character


# Letters of scripts that rarely occur together in one source file.
_RARE = [chr(code) for code in (*range(0x0391, 0x03C9), *range(0x0410, 0x0450), *range(0x05D0, 0x05EB))]


class StreamDecoder:
    """Decodes ids to text as soon as it is certain. A character split over several tokens waits for its last byte."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._tokens: list[int] = []  # the last decoded token, then the waiting ones
        self._known = ""  # the text of the tokens before the waiting ones

    def push(self, tokens: Sequence[int]) -> str:
        self._tokens.extend(tokens)
        text = self._codec.decode(self._tokens)
        if text.endswith("�"):
            return ""
        return self._emit(text)

    def finish(self) -> str:
        return self._emit(self._codec.decode(self._tokens))

    def _emit(self, text: str) -> str:
        piece = text[len(self._known) :]
        # Keep one token of context: some vocabularies write a leading space only after another token.
        self._tokens = self._tokens[-1:]
        self._known = self._codec.decode(self._tokens)
        if not text.endswith(self._known):  # the kept token ends a split character: keep none
            self._tokens, self._known = [], ""
        return piece


def _fastapply(request: ApplyRequest) -> list[Part]:
    # The file comes first, so that it can be prefilled before the update is known.
    return [
        Special("<filename>"),
        _file_name(request),
        Special("<file_sep>"),
        request.original,
        Special("<issue_start>"),
        request.instruction,
        Special("<issue_comment>"),
        request.update,
        Special("<issue_closed>"),
    ]


_CHAT_SYSTEM = (
    "You are a coding assistant that merges code updates: apply every change of the update to the file and keep the "
    "rest of the file exactly as it is, with its comments, order and indentation."
)


def chat(system: str, user: str, opening: str = "") -> list[Part]:
    """A chat in ChatML with one question. `opening` begins the answer."""
    start, end = Special("<|im_start|>"), Special("<|im_end|>")
    head: list[Part] = [start, f"system\n{system}", end, "\n"] if system else []
    return [*head, start, f"user\n{user}", end, "\n", start, f"assistant\n{opening}"]


def _kortix(request: ApplyRequest) -> list[Part]:
    system = (
        "You are a coding assistant that helps merge code updates, ensuring every modification is fully integrated."
    )
    user = (
        "Merge all changes from the <update> snippet into the <code> below.\n"
        "- Preserve the code's structure, order, comments, and indentation exactly.\n"
        "- Output only the updated code, enclosed within <updated-code> and </updated-code> tags.\n"
        "- Do not include any additional text, explanations, placeholders, ellipses, or code fences.\n\n"
        f"<code>{request.original}</code>\n\n<update>{request.update}</update>\n\nProvide the complete updated code."
    )
    return chat(system, user, "<updated-code>")


def _aixapply(request: ApplyRequest) -> list[Part]:
    system = (
        "You are a deterministic Code Patching Engine. Apply the update snippet to the source file, put the unchanged "
        "lines in the place of its omission markers, and write the whole updated file."
    )
    user = (
        f"<language>{request.language or 'text'}</language>\n\n<source_file>{request.original}</source_file>\n\n"
        f"<update_snippet>{request.update}</update_snippet>\n\n"
        "Please generate the full updated code strictly following the instructions."
    )
    return chat(system, user, "<update_file>")


def _osmosis(request: ApplyRequest) -> list[Part]:
    system = (
        "You are a helpful assistant for a code editor that applies an edit to code to merge them together. The code "
        "is in <code> tags and the edit in <edit> tags; comments in the edit say where existing code is to be kept. "
        "Output the merged code in <code> tags, with every space preserved."
    )
    code = request.original.removesuffix("\n")
    user = f"<code>\n{code}\n</code>\n\n<edit>\n{request.update}\n</edit>"
    return chat(system, user, "<code>\n")


def _morph(request: ApplyRequest) -> list[Part]:
    user = (
        f"<instruction>{request.instruction}</instruction>\n<code>{request.original}</code>\n"
        f"<update>{request.update}</update>"
    )
    return chat("", user)


def _plain_chat(request: ApplyRequest) -> list[Part]:
    asked = f"{request.instruction}\n\n" if request.instruction else ""
    user = (
        f"{asked}The file {_file_name(request)}:\n<file>\n{request.original}</file>\n\nThe update:\n<update>\n"
        f"{request.update}\n</update>\n\nAnswer with the whole updated file between <file> and </file>."
    )
    return chat(_CHAT_SYSTEM, user, "<file>\n")


def _file_name(request: ApplyRequest) -> str:
    """The file's name without folders, which say nothing about the edit; else the language."""
    return PurePath(request.path).name if request.path else (request.language or "")


TEMPLATES: dict[str, Template] = {
    template.name: template
    for template in (
        Template("fastapply", _fastapply, Special("<|im_end|>")),
        Template("kortix", _kortix, "</updated-code>", writes=True),
        Template("aixapply", _aixapply, "</update_file>", writes=True),
        Template("osmosis", _osmosis, "</code>", writes=True),
        Template("morph", _morph, Special("<|im_end|>"), writes=True),
        Template("chat", _plain_chat, "</file>"),
    )
}


def template(name: str) -> Template:
    """The template called `name`. Raises UsageError for an unknown name."""
    try:
        return TEMPLATES[name]
    except KeyError:
        raise UsageError(f"unknown template `{name}`; there are: {', '.join(TEMPLATES)}") from None


def chosen_template(settings: Settings) -> Template:
    """The template that the settings name, or else the one for their model. Raises UsageError for an unknown name."""
    return template(settings.template or ("fastapply" if settings.model == EMBEDDED_MODEL else "chat"))


def writes(settings: Settings, asked: Template) -> bool:
    """Does the model write the result, instead of choosing among the alignment's candidates?

    In the mode `auto` a model does that was made for it, a server that can do nothing else, and any model that is to be
    guided by a number of nats.
    """
    if settings.mode != "auto":
        return settings.mode == "write"
    return asked.writes or settings.backend == "openai" or settings.guide_strength is not None
