"""The rewrites of one client: at most one for each document. A new one supersedes the one before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from fastapply.applier import Delta
from fastapply.config import Settings
from fastapply.errors import FastApplyError, UsageError
from fastapply.text.lines import split_lines
from fastapply.types import ApplyRequest, Hunk, Status
from fastapply_lsp import failures
from fastapply_lsp.decisions import Decisions
from fastapply_lsp.documents import Document, Documents, name_of
from fastapply_lsp.editor import Editor
from fastapply_lsp.model import ModelState, State
from fastapply_lsp.params import ApplyParams, HunkParams, Range
from fastapply_lsp.preview import Previews
from fastapply_lsp.progress import Throttle, WorkDone
from fastapply_lsp.rewriting import Finished, Listener, RewriteJob, StoppedError
from fastapply_lsp.service import Service
from fastapply_lsp.session import Phase, Session
from fastapply_lsp.settings import Options

DECIDED = "nothing is left to decide"


@dataclass
class Rewriting:
    """A session while its rewrite runs."""

    session: Session
    job: RewriteJob
    progress: WorkDone
    partial_token: types.ProgressToken | None
    lines: int
    fresh: set[str] = field(default_factory=set)  # hunks that are settled and not yet sent
    tokens: int = 0
    why: JsonRpcException = field(default_factory=lambda: failures.request_cancelled("cancelled"))


class Rewrites:
    def __init__(
        self,
        service: Service,
        client: int,
        editor: Editor,
        documents: Documents,
        model_failed: Callable[[ModelState], None],
    ) -> None:
        self._service = service
        self._client = client
        self._editor = editor
        self._previews = Previews(editor)
        self._decisions = Decisions(editor)
        self._documents = documents
        self._model_failed = model_failed
        self._sessions: dict[str, Session] = {}
        self._running: dict[str, Rewriting] = {}
        self._count = 0

    def status(self) -> list[dict[str, Any]]:
        return [
            {"session": session.id, "uri": uri, "phase": session.phase.value, "hunks": len(session.hunks)}
            for uri, session in self._sessions.items()
        ]

    async def apply(self, params: ApplyParams, options: Options, settings: Settings, path: str) -> dict[str, Any]:
        """The whole of `fastapply/apply`. Raises the errors of the protocol."""
        document = self._documents.get(params.text_document.uri)
        self._check(document, params, options)
        uri = document.uri
        self._count += 1
        session = Session(f"{self._client}.{self._count}", document, _lines(document, params.range))
        request = ApplyRequest(
            session.original, params.update, params.instruction, path, document.language, reading=params.reading
        )
        session.previewed = options.preview == "hunks" and params.mode == "preview"
        running = self._begin(session, request, settings, params)
        try:
            running.progress = await self._editor.work_done(params.work_done_token)
            running.progress.begin(f"Applying an edit to {name_of(uri)}")
            finished = await self._outcome(running)
            answer = await self._answer(session, finished, params)
        except BaseException as error:
            running.progress.end("not applied")
            self._forget(uri, session, error.message if isinstance(error, JsonRpcException) else "cancelled")
            raise
        finally:
            if self._running.get(uri) is running:
                del self._running[uri]
            self._service.worker.withdraw(self._client, uri, running.job)
        running.progress.end(finished.result.status.value.replace("_", " "))
        return answer

    async def accept(self, params: HunkParams) -> dict[str, Any]:
        """Apply hunks of an open preview; the others are re-based when the document follows."""
        session = self._open_session(params)
        answer = await self._decisions.accept(session, params.hunks, by_client=params.mode == "edit")
        self._show_open(session)
        return {**answer, "hunks": self._previews.json(session, session.hunks)}

    def reject(self, params: HunkParams) -> dict[str, Any]:
        """Drop hunks of an open preview."""
        session = self._open_session(params)
        self._decisions.reject(session, params.hunks)
        self._show_open(session)
        return {"hunks": self._previews.json(session, session.hunks)}

    def changed(self, document: Document, changes: list[Hunk]) -> None:
        """A document has changed: re-base, or give up the rewrite that runs."""
        session = self._sessions.get(document.uri)
        if session is None:
            return
        try:
            moved = session.change(changes)
        except JsonRpcException as error:
            self.end(document.uri, error)
            return
        if moved and session.phase is Phase.OPEN:
            self._show_open(session)

    def end(self, uri: str, why: JsonRpcException) -> bool:
        """End what goes on in a document, for this reason. Whether there was anything."""
        session, running = self._sessions.get(uri), self._running.get(uri)
        if session is None:
            return False
        if running is not None:
            running.why = why
            self._service.worker.withdraw(self._client, uri, running.job)
        self._forget(uri, session, why.message)
        return True

    def cancel_progress(self, token: types.ProgressToken) -> None:
        """The user pressed the button of a progress bar."""
        for uri, running in list(self._running.items()):
            if running.progress.token == token:
                self.end(uri, failures.request_cancelled("cancelled"))

    def end_all(self, why: JsonRpcException) -> int:
        return sum(self.end(uri, why) for uri in list(self._sessions))

    def _check(self, document: Document, params: ApplyParams, options: Options) -> None:
        name, version = name_of(document.uri), params.text_document.version
        if version is not None and version != document.version:
            raise failures.content_modified(f"{name} is at version {document.version}, the request at {version}")
        size = len(document.text.encode("utf-8", "surrogatepass"))
        if size > options.limits.document_bytes:
            raise failures.request_failed(
                f"{name} has {size} bytes; `limits.documentBytes` is {options.limits.document_bytes}"
            )
        if document.uri not in self._running and len(self._running) >= options.limits.waiting:
            raise failures.request_failed(f"{len(self._running)} rewrites wait already: see `limits.waiting`")

    def _begin(self, session: Session, request: ApplyRequest, settings: Settings, params: ApplyParams) -> Rewriting:
        def phase(message: str) -> None:
            running.progress.phase(message)
            throttle.touch()

        def delta(step: Delta) -> None:
            self._settle(running, step)
            throttle.touch()

        throttle = Throttle(lambda: self._report(running))
        job = RewriteJob(self._service.host, settings, request, Listener(phase, delta))
        running = Rewriting(
            session,
            job,
            WorkDone(self._editor.notify, None),
            params.partial_result_token,
            lines=len(split_lines(request.original)),
        )
        uri = session.document.uri
        job.outcome.add_done_callback(lambda _: throttle.stop())
        superseded = self._running.get(uri)
        if superseded is not None:
            superseded.why = failures.server_cancelled(f"superseded by a newer edit of {name_of(uri)}")
        self._service.worker.submit(self._client, uri, job)  # takes the place in the queue of the one before
        if superseded is not None:
            superseded.job.cancel()
        if uri in self._sessions:
            self._forget(uri, self._sessions[uri], "superseded")
        self._sessions[uri], self._running[uri] = session, running
        before = self._service.worker.before(self._client, uri) - 1
        if before > 0:
            phase(f"waiting: {before} before it")
        self._previews.show(session, "begin", [])
        return running

    async def _outcome(self, running: Rewriting) -> Finished:
        """Wait for the worker. Raises the protocol's errors."""
        try:
            finished = await running.job.outcome
            if running.session.phase is Phase.CLOSED:  # just when it was done
                raise running.why
            self._report(running)
            if finished.model.state is State.FAILED:
                self._model_failed(finished.model)
            result = finished.result
            running.session.finish(() if result.status is Status.REJECTED else result.hunks)
        except StoppedError:
            raise running.why from None
        except UsageError as error:
            raise failures.invalid_params(str(error)) from None
        except FastApplyError as error:
            raise failures.request_failed(str(error)) from None
        return finished

    def _settle(self, running: Rewriting, step: Delta) -> None:
        if running.job.outcome.done():
            return
        running.tokens += step.tokens
        seconds = step.stats.prefill_seconds + step.stats.decode_seconds
        speed = f", {running.tokens / seconds:.0f} tokens/s" if seconds and running.tokens else ""
        running.progress.phase(f"writing{speed}")
        running.progress.lines(step.lines_done, running.lines)
        try:
            running.fresh |= {numbered.id for numbered in running.session.settle(step.hunks)}
        except JsonRpcException as error:
            self.end(running.session.document.uri, error)

    def _report(self, running: Rewriting) -> None:
        """Send what has come since the last time."""
        running.progress.report()
        if not running.fresh:
            return
        session = running.session
        fresh = [numbered for numbered in session.hunks if numbered.id in running.fresh]
        running.fresh.clear()
        self._previews.show(session, "report", fresh)
        if running.partial_token is not None:
            value = {"version": session.document.version, "hunks": self._previews.json(session, fresh)}
            self._editor.notify(types.PROGRESS, types.ProgressParams(running.partial_token, value))

    async def _answer(self, session: Session, finished: Finished, params: ApplyParams) -> dict[str, Any]:
        result = finished.result
        doubtful, rejected = result.status is Status.NEEDS_REVIEW, result.status is Status.REJECTED
        hunks = [numbered.hunk for numbered in session.hunks]
        answer: dict[str, Any] = {
            "session": session.id,
            "status": result.status.value,
            "confidence": result.confidence,
            "checks": [asdict(check) for check in result.checks],
            "alternatives": [{"number": o.number, "share": o.share, "diff": o.diff} for o in result.alternatives],
            "stats": asdict(result.stats),
            "model": finished.model.to_json(),
            "version": session.document.version,
            "hunks": self._previews.json(session, session.hunks),
            "edit": self._editor.edit_json(session.document, hunks, confirm=doubtful) if hunks else None,
            "applied": False,
            "failureReason": "; ".join(check.detail for check in result.checks) if rejected else "",
        }
        self._previews.show(session, "end", session.hunks, status=result.status.value, confidence=result.confidence)
        if params.mode == "apply" and hunks:
            answer["applied"], answer["failureReason"] = await self._decisions.apply_all(session, doubtful=doubtful)
            answer["hunks"], answer["version"] = self._previews.json(session, session.hunks), session.document.version
        if not session.hunks:
            self._forget(session.document.uri, session, DECIDED)
        return answer

    def _open_session(self, params: HunkParams) -> Session:
        uri, version = params.text_document.uri, params.text_document.version
        document = self._documents.get(uri)
        if version is not None and version != document.version:
            raise failures.content_modified(f"{name_of(uri)} is at version {document.version}, not {version}")
        session = self._sessions.get(document.uri)
        if session is None:
            raise failures.invalid_request(f"{name_of(uri)} has no edit to decide on")
        return session

    def _show_open(self, session: Session) -> None:
        if not session.hunks:
            self._forget(session.document.uri, session, DECIDED)
        else:
            self._previews.show(session, "change", session.hunks)

    def _forget(self, uri: str, session: Session, why: str) -> None:
        self._previews.show(session, "close", [], reason=why)
        session.phase = Phase.CLOSED
        if self._sessions.get(uri) is session:
            del self._sessions[uri]


def _lines(document: Document, selection: Range | None) -> tuple[int, int]:
    if selection is None:
        return 0, len(document.lines())
    return document.touched(selection.start.native(), selection.end.native())
