"""Runs trials on a Ray cluster: the same results, whatever happens to its nodes."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterable, Iterator
from typing import Any, Final

from .engine import AHEAD, MUJOCO, ONE_THREAD, Chunk, Done, EngineError, keep_ahead, run_chunk

_PATIENCE: Final = 5.0  # [s] for the head node to answer


class RayEngine:
    """Every core of a Ray cluster; handloop must be installed on each node.

    A chunk whose node dies is run again on another one: that changes nothing, because results
    follow from the chunk alone, and whoever waits for it has not seen it yet.
    """

    def __init__(self, address: str | None = None) -> None:
        """Joins a cluster, or starts one on this machine.

        Args:
            address: Of the head node, `auto` for the one on this machine; None: start one.

        Raises:
            EngineError: Ray is not installed, or nobody is at the address.
        """
        try:
            import ray
        except ImportError:
            raise EngineError("--engine ray needs Ray: pip install 'handloop[ray]'") from None
        self.simulator = MUJOCO
        self.remarks: dict[str, list[str]] = {}
        self._ray: Any = ray
        self._mine = not ray.is_initialized()
        if self._mine:
            _check_anybody_there(address)
            # Ray asks for usage figures to be sent to its makers unless told not to.
            os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
            here: dict[str, Any] = {"_node_ip_address": "127.0.0.1", "include_dashboard": False}
            options = {} if address else here
            try:
                self._ray.init(
                    address=address, logging_level=logging.ERROR, log_to_driver=False, **options
                )
            except (ConnectionError, RuntimeError, ValueError) as error:
                raise EngineError(f"no Ray cluster at '{address}': {error}") from None
        self._run = self._ray.remote(
            num_cpus=1, max_retries=-1, runtime_env={"env_vars": ONE_THREAD}
        )(run_chunk)

    def run(self, chunks: Iterable[Chunk]) -> Iterator[Done]:
        """Runs chunks on all nodes.

        Raises:
            EngineError: The cluster is gone.
        """
        ahead = AHEAD * max(1, int(self._ray.cluster_resources().get("CPU", 1)))
        begun = ((chunk, self._run.remote(chunk)) for chunk in chunks)
        try:
            for chunk, reference in keep_ahead(begun, ahead):
                yield self._done(chunk, reference)
        finally:
            if self._mine:
                self._ray.shutdown()

    def _done(self, chunk: Chunk, reference: Any) -> Done:
        try:
            done: Done = self._ray.get(reference)
        except self._ray.exceptions.RayTaskError as error:
            raise error.as_instanceof_cause() from None
        except self._ray.exceptions.RayError as error:
            raise EngineError(
                f"the Ray cluster failed over {chunk.task} with {chunk.entry.label}: {error}; run "
                "the same command again to go on"
            ) from None
        return done


def _check_anybody_there(address: str | None) -> None:
    """Ray itself would try for minutes."""
    host, _, port = (address or "").rpartition(":")
    if not (host and port.isdigit()) or "/" in host:
        return
    try:
        socket.create_connection((host, int(port)), _PATIENCE).close()
    except OSError as error:
        raise EngineError(f"no Ray cluster at '{address}': {error}") from None
