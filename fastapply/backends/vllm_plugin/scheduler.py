"""vLLM's scheduler with our drafts: each request gets the draft of its own drafter, or none."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from vllm.logger import init_logger
from vllm.v1.core.sched.scheduler import Scheduler
from vllm.v1.outputs import DraftTokenIds

from fastapply.backends.vllm_plugin.sources import drafter_of
from fastapply.engine.drafts import Speculation
from fastapply.errors import FastApplyError

LOG = init_logger(__name__)


class EditScheduler(Scheduler):  # type: ignore[misc]  # vLLM is not installed where types are checked
    """For `--scheduler-cls`. Requests without sources decode as usual."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._device = str(self.vllm_config.device_config.device_type)
        self._vocabulary = int(self.vllm_config.model_config.get_vocab_size())
        # Weak keys: a speculation goes away with its request, however that ends.
        self._speculations: WeakKeyDictionary[Any, Speculation | None] = WeakKeyDictionary()

    def update_draft_token_ids(self, draft_token_ids: DraftTokenIds) -> None:
        """Replace the proposer's drafts by ours; vLLM calls this between two steps. It then checks the drafts against
        the request's grammar, if there is one, and verifies them in its next step."""
        ids = draft_token_ids.req_ids
        super().update_draft_token_ids(DraftTokenIds(ids, [self._draft(request_id) for request_id in ids]))

    def _draft(self, request_id: str) -> list[int]:
        request = self.requests.get(request_id)
        if request is None or request.is_finished() or not request.num_output_tokens:
            return []
        if request not in self._speculations:
            self._speculations[request] = self._begin(request)
        speculation = self._speculations[request]
        if speculation is None:
            return []
        room = request.max_tokens - request.num_output_tokens - 1  # the last token is never drafted
        return speculation.draft(request.output_token_ids, min(self.num_spec_tokens, room))

    def _begin(self, request: Any) -> Speculation | None:
        parameters = request.sampling_params
        try:
            drafter = drafter_of(parameters.extra_args if parameters else None)
        except (ValueError, FastApplyError) as error:  # must not stop the engine: drafts only affect speed
            LOG.warning("request %s is decoded without drafts: %s", request.request_id, error)
            return None
        return Speculation(drafter, self._device, self._vocabulary) if drafter else None
