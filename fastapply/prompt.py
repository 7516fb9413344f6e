"""Prompt templates and the tokenizer: the one home of how a request becomes tokens, shared by serving and training.

In our own template the delimiters are special tokens of the vocabulary, and content is encoded with special tokens
disabled: nothing that a file says can end its section. Knows nothing of models, drafts or editors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from fastapply.errors import ModelError, UsageError
from fastapply.types import ApplyRequest


class Special(NamedTuple):
    """A special token by its name, such as `<file_sep>`; everything else in a prompt is content."""

    name: str


Part = Special | str


@dataclass(frozen=True)
class Template:
    """How one family of apply models wants to be asked.

    The model's answer is the rewritten file, then `closing`. Templates whose closing is plain text (not a special
    token) are cut at the last closing found when the answer ends, so a closing inside the file does not truncate it.
    """

    name: str
    parts: Callable[[ApplyRequest], list[Part]]
    closing: Part


class Codec:
    """A tokenizer as the engine needs it: text to ids and back, exactly, with special tokens only on request."""

    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = tokenizer
        self.special_ids = frozenset(int(token) for token in tokenizer.all_special_ids) | frozenset(
            int(token) for token in tokenizer.get_added_vocab().values()
        )

    @classmethod
    def load(cls, where: str | Path) -> Codec:
        """Raises ModelError when there is no tokenizer at `where`."""
        from transformers import AutoTokenizer

        try:
            return cls(AutoTokenizer.from_pretrained(str(where)))
        except (OSError, ValueError) as error:
            raise ModelError(f"no tokenizer for the model `{where}`: {str(error).splitlines()[0]}") from error

    @property
    def end(self) -> int:
        """The token that ends an answer."""
        return int(self.tokenizer.eos_token_id)

    def encode(self, text: str) -> list[int]:
        """Content to ids; text that looks like a special token stays text."""
        ids: list[int] = self.tokenizer(text, add_special_tokens=False, split_special_tokens=True).input_ids
        return ids

    def decode(self, tokens: Sequence[int]) -> str:
        text: str = self.tokenizer.decode(list(tokens), skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return text

    def special(self, name: str) -> int:
        """Raises ModelError if the vocabulary lacks the token: the template is for another model."""
        token = self.tokenizer.convert_tokens_to_ids(name)
        known = token is not None and self.tokenizer.convert_ids_to_tokens(token) == name
        if not known or token not in self.special_ids:
            raise ModelError(f"the vocabulary has no token `{name}`; choose another --template")
        return int(token)

    def encode_parts(self, parts: Sequence[Part]) -> list[int]:
        """A whole prompt to ids, delimiters as special tokens."""
        tokens: list[int] = []
        for part in parts:
            tokens.extend([self.special(part.name)] if isinstance(part, Special) else self.encode(part))
        return tokens

    def stream_decoder(self) -> StreamDecoder:
        return StreamDecoder(self)

    def substitutes(self, texts: Iterable[str]) -> dict[str, str]:
        """Characters of `texts` that the vocabulary cannot say, each with one that it can and that no text has.

        Some vocabularies lack a few bytes (control characters, rare planes): such a character would vanish.
        """
        present = frozenset().union(*map(frozenset, texts))
        lost = sorted(c for c in present if not (c.isascii() and c.isprintable()) and not self._can_say(c))
        free = (c for c in _RARE if c not in present and self._can_say(c)) if lost else iter(())
        return dict(zip(lost, free, strict=False))

    def _can_say(self, character: str) -> bool:
        return self.decode(self.encode(character)) == character


# Letters of scripts that hardly meet in one source file.
_RARE = [chr(code) for code in (*range(0x0391, 0x03C9), *range(0x0410, 0x0450), *range(0x05D0, 0x05EB))]


class StreamDecoder:
    """Ids in, text out as soon as it is certain: a character split over several tokens waits for its last byte."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._tokens: list[int] = []  # the last token that was decoded, then those that wait
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
    # The file stands first, so that its part of the cache can be made before the update is known.
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


def _chat(system: str, user: str, opening: str) -> list[Part]:
    return [
        Special("<|im_start|>"),
        f"system\n{system}",
        Special("<|im_end|>"),
        "\n",
        Special("<|im_start|>"),
        f"user\n{user}",
        Special("<|im_end|>"),
        "\n",
        Special("<|im_start|>"),
        f"assistant\n{opening}",
    ]


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
    return _chat(system, user, "<updated-code>")


def _aixapply(request: ApplyRequest) -> list[Part]:
    user = (
        f"<language>{request.language or 'text'}</language>\n<source_file>{request.original}</source_file>\n"
        f"<update_snippet>{request.update}</update_snippet>"
    )
    return _chat(_CHAT_SYSTEM, user, "<update_file>")


def _morph(request: ApplyRequest) -> list[Part]:
    user = (
        f"<instruction>{request.instruction}</instruction>\n<code>{request.original}</code>\n"
        f"<update>{request.update}</update>"
    )
    return [
        Special("<|im_start|>"),
        f"user\n{user}",
        Special("<|im_end|>"),
        "\n",
        Special("<|im_start|>"),
        "assistant\n",
    ]


def _plain_chat(request: ApplyRequest) -> list[Part]:
    asked = f"{request.instruction}\n\n" if request.instruction else ""
    user = (
        f"{asked}The file {_file_name(request)}:\n<file>\n{request.original}</file>\n\nThe update:\n<update>\n"
        f"{request.update}\n</update>\n\nAnswer with the whole updated file between <file> and </file>."
    )
    return _chat(_CHAT_SYSTEM, user, "<file>\n")


def _file_name(request: ApplyRequest) -> str:
    """The name alone: where the file lies says nothing about the edit."""
    return PurePath(request.path).name if request.path else (request.language or "")


TEMPLATES: dict[str, Template] = {
    template.name: template
    for template in (
        Template("fastapply", _fastapply, Special("<|im_end|>")),
        Template("kortix", _kortix, "</updated-code>"),
        Template("aixapply", _aixapply, "</update_file>"),
        Template("chat", _plain_chat, "</file>"),
        Template("morph", _morph, Special("<|im_end|>")),
    )
}


def template(name: str) -> Template:
    """Raises UsageError for an unknown name."""
    try:
        return TEMPLATES[name]
    except KeyError:
        raise UsageError(f"unknown template `{name}`; there are: {', '.join(TEMPLATES)}") from None
