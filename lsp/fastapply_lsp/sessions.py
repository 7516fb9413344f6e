"""The sessions of one client, at most one for each document. A new session supersedes an older one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from fastapply.config import NO_MODEL, Settings
from fastapply.errors import FastApplyError, UsageError
from fastapply.text.lines import split_lines
from fastapply.types import ApplyRequest, Delta, Hunk, Status
from fastapply_lsp import failures
from fastapply_lsp.decisions import Decisions
from fastapply_lsp.documents import Document, Documents, name_of
from fastapply_lsp.editor import Editor, new_side
from fastapply_lsp.model import LoadState, ModelService, ModelState
from fastapply_lsp.params import ApplyParams, HunkParams, RangeParams, ReadingParams
from fastapply_lsp.progress import Throttle, WorkDone
from fastapply_lsp.session import NumberedHunk, Phase, Session
from fastapply_lsp.settings import Options
from fastapply_lsp.work import DraftJob, Finished, Listener, RewriteJob, StoppedError

DECIDED = "nothing is left to decide"


@dataclass
class RunningRewrite:
    """The state of a session while its rewrite runs."""

    session: Session
    job: RewriteJob
    draft: DraftJob | None
    progress: WorkDone
    partial_token: types.ProgressToken | None
    lines: int
    fresh: set[str] = field(default_factory=set)  # ids of settled hunks that are not sent yet
    tokens: int = 0
    why: JsonRpcException = field(default_factory=lambda: failures.request_cancelled("cancelled"))


class Sessions:
    def __init__(
        self,
        service: ModelService,
        client: int,
        editor: Editor,
        documents: Documents,
        model_failed: Callable[[ModelState], None],
    ) -> None:
        self._service = service
        self._client = client
        self._editor = editor
        self._decisions = Decisions(editor)
        self._documents = documents
        self._model_failed = model_failed
        self._sessions: dict[str, Session] = {}
        self._running: dict[str, RunningRewrite] = {}
        self._count = 0

    def status(self) -> list[dict[str, Any]]:
        return [
            {"session": session.id, "uri": uri, "phase": session.phase.value, "hunks": len(session.hunks)}
            for uri, session in self._sessions.items()
        ]

    async def apply(self, params: ApplyParams, options: Options, settings: Settings, path: str) -> dict[str, Any]:
        """Carry out `fastapply/apply`. Raises errors of the protocol."""
        document = self._documents.get(params.text_document.uri)
        self._check(document, params, options)
        uri = document.uri
        self._count += 1
        session = Session(f"{self._client}.{self._count}", document, _lines(document, params.range))
        request = ApplyRequest(
            session.original, params.update, params.instruction, path, document.language, reading=params.reading
        )
        session.previewed = options.preview != "off" and params.mode == "preview"
        running = self._begin(session, request, options, settings, params)
        try:
            progress = await self._editor.work_done(params.work_done_token)
            progress.phase(running.progress.message)  # the phase from before there was a bar
            running.progress = progress
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
            self._withdraw(running)
        running.progress.end(finished.result.status.value.replace("_", " "))
        return answer

    async def accept(self, params: HunkParams) -> dict[str, Any]:
        """Apply hunks of an open preview. The others are rebased when the document changes."""
        session = self._open_session(params)
        answer = await self._decisions.accept(session, params.hunks, by_client=params.mode == "edit")
        self._show_open(session)
        return {**answer, "hunks": self._editor.hunks_json(session.document, session.hunks)}

    def reject(self, params: HunkParams) -> dict[str, Any]:
        """Drop hunks of an open preview."""
        session = self._open_session(params)
        self._decisions.reject(session, params.hunks)
        self._show_open(session)
        return {"hunks": self._editor.hunks_json(session.document, session.hunks)}

    async def readings(self, params: ReadingParams) -> dict[str, Any]:
        """List the readings of an open preview. With `take`, show another one."""
        session = self._open_session(params)
        if params.take is not None:
            async with session.deciding:
                session.take_reading(params.take)
            self._editor.preview(session, "change", session.hunks)
        own = {"number": 1, "diff": ""}
        return {
            "session": session.id,
            "reading": session.reading,
            "readings": [own, *(other.summary() for other in session.alternatives)],
            "version": session.document.version,
            "hunks": self._editor.hunks_json(session.document, session.hunks),
        }

    def new_side(self, uri: str) -> str:
        """The text of a document that the server provides. Raises InvalidParams if there is no such document."""
        for session in self._sessions.values():
            if new_side(session) == uri:
                return session.rewritten()
        raise failures.invalid_params(f"{uri}: its preview is over")

    def changed(self, document: Document, changes: list[Hunk]) -> None:
        """Rebase hunks after a document has changed, or end the running rewrite if that is impossible."""
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
        """End the session of a document, for this reason. Returns whether there was one."""
        session, running = self._sessions.get(uri), self._running.get(uri)
        if session is None:
            return False
        if running is not None:
            running.why = why
            self._withdraw(running)
        self._forget(uri, session, why.message)
        return True

    def cancel_progress(self, token: types.ProgressToken) -> None:
        """End the rewrite whose progress bar the user has cancelled."""
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

    def _begin(
        self, session: Session, request: ApplyRequest, options: Options, settings: Settings, params: ApplyParams
    ) -> RunningRewrite:
        def phase(message: str) -> None:
            running.progress.phase(message)
            throttle.touch()

        def delta(step: Delta) -> None:
            self._settle(running, step)
            throttle.touch()

        throttle = Throttle(lambda: self._report(running))
        job = RewriteJob(self._service.host, settings, request, Listener(phase, delta))
        drafted = options.preview == "draft" and params.mode == "preview" and settings.model != NO_MODEL
        running = RunningRewrite(
            session,
            job,
            DraftJob(self._service.host, settings, request, Listener(phase, delta)) if drafted else None,
            WorkDone(self._editor.notify, None),
            params.partial_result_token,
            lines=len(split_lines(request.original)),
        )
        uri = session.document.uri
        job.outcome.add_done_callback(lambda _: throttle.stop())
        superseded = self._running.get(uri)
        if superseded is not None:
            superseded.why = failures.server_cancelled(f"superseded by a newer edit of {name_of(uri)}")
        self._service.worker.submit(self._client, uri, job)  # takes over the superseded job's place in the queue
        if running.draft is not None:
            running.draft.outcome.add_done_callback(lambda outcome: self._show_draft(running, outcome))
            self._service.drafter.submit(self._client, uri, running.draft)
        if superseded is not None:
            superseded.job.cancel()
        if uri in self._sessions:
            self._forget(uri, self._sessions[uri], "superseded")
        self._sessions[uri], self._running[uri] = session, running
        before = self._service.worker.before(self._client, uri) - 1
        if before > 0:
            phase(f"waiting: {before} before it")
        elif self._service.host.state(settings).state is LoadState.LOADING:
            phase("loading the model")
        self._editor.preview(session, "begin", [])
        return running

    def _show_draft(self, running: RunningRewrite, outcome: asyncio.Future[Finished]) -> None:
        """Show the result of the alignment alone, unless the model has settled hunks already."""
        session = running.session
        late = running.job.outcome.done() or session.phase is Phase.CLOSED or session.hunks
        if late or outcome.cancelled() or outcome.exception() is not None:
            return
        try:
            hunks = session.place(outcome.result().result.hunks)
        except JsonRpcException:  # its lines have changed since; the same check follows for the model's answer
            return
        if hunks:
            self._editor.preview(session, "draft", hunks)
            self._partial(running, hunks, draft=True)

    def _withdraw(self, running: RunningRewrite) -> None:
        uri = running.session.document.uri
        self._service.worker.withdraw(self._client, uri, running.job)
        if running.draft is not None:
            self._service.drafter.withdraw(self._client, uri, running.draft)

    async def _outcome(self, running: RunningRewrite) -> Finished:
        """Wait for the worker. Raises errors of the protocol."""
        try:
            finished = await running.job.outcome
            if running.session.phase is Phase.CLOSED:  # closed at the moment when the rewrite finished
                raise running.why
            self._report(running)
            if finished.model.state is LoadState.FAILED:
                self._model_failed(finished.model)
            result = finished.result
            rejected = result.status is Status.REJECTED
            running.session.finish(() if rejected else result.hunks, result.alternatives)
        except StoppedError:
            raise running.why from None
        except UsageError as error:
            raise failures.invalid_params(str(error)) from None
        except FastApplyError as error:
            raise failures.request_failed(str(error)) from None
        return finished

    def _settle(self, running: RunningRewrite, step: Delta) -> None:
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

    def _report(self, running: RunningRewrite) -> None:
        """Send the progress and the hunks that have settled since the last call."""
        running.progress.report()
        if not running.fresh:
            return
        session = running.session
        fresh = [numbered for numbered in session.hunks if numbered.id in running.fresh]
        running.fresh.clear()
        self._editor.preview(session, "report", fresh)
        self._partial(running, fresh)

    def _partial(self, running: RunningRewrite, hunks: Sequence[NumberedHunk], **extra: Any) -> None:
        if running.partial_token is not None:
            document = running.session.document
            value = {"version": document.version, "hunks": self._editor.hunks_json(document, hunks), **extra}
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
            "alternatives": [other.summary() for other in session.alternatives],
            "stats": asdict(result.stats),
            "model": finished.model.to_json(),
            "version": session.document.version,
            "hunks": self._editor.hunks_json(session.document, session.hunks),
            "edit": self._editor.edit_json(session.document, hunks, confirm=doubtful) if hunks else None,
            "applied": False,
            "failureReason": "; ".join(check.detail for check in result.checks) if rejected else "",
        }
        if self._editor.client.text_content:
            answer["newSide"] = new_side(session)
        self._editor.preview(session, "end", session.hunks, status=result.status.value, confidence=result.confidence)
        if params.mode == "apply" and hunks:
            answer["applied"], answer["failureReason"] = await self._decisions.apply_all(session, doubtful=doubtful)
            answer["hunks"], answer["version"] = (
                self._editor.hunks_json(session.document, session.hunks),
                session.document.version,
            )
        if not session.hunks:
            self._forget(session.document.uri, session, DECIDED)
        return answer

    def _open_session(self, params: HunkParams | ReadingParams) -> Session:
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
            self._editor.preview(session, "change", session.hunks)

    def _forget(self, uri: str, session: Session, why: str) -> None:
        self._editor.preview(session, "close", [], reason=why)
        session.phase = Phase.CLOSED
        if self._sessions.get(uri) is session:
            del self._sessions[uri]


def _lines(document: Document, selection: RangeParams | None) -> tuple[int, int]:
    if selection is None:
        return 0, len(document.lines())
    return document.touched(selection.start.native(), selection.end.native())
