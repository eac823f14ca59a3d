"""Progress of a training: a bar on a terminal; elsewhere a plain line, a few times a minute."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import lightning
from lightning.pytorch.callbacks import Callback
from rich.console import Console

from synthgen.core.progress import Report, progress

__all__ = ["ProgressLines"]


class ProgressLines(Callback):
    """Tells what is done of a training's batches, with epoch and loss; of several processes the first one speaks."""

    def __init__(self, title: str) -> None:
        """Name the training."""
        self._title = title
        self._shown: ExitStack | None = None
        self._report: Report | None = None

    def on_train_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Begin, after those batches that a resumed run has behind it."""
        if trainer.is_global_zero:
            batches = int(trainer.num_training_batches)
            steps = max(0, trainer.max_steps) * trainer.accumulate_grad_batches
            total, done = steps or batches * int(trainer.max_epochs or 0), batches * trainer.current_epoch
            shown = progress(Console(), f"train {self._title}", total=total, unit="batches", done=done)
            self._shown = ExitStack()
            self._report = self._shown.enter_context(shown)

    def on_train_batch_end(
        self,
        trainer: lightning.Trainer,
        pl_module: lightning.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        """Tell of one batch."""
        if self._report is not None:
            loss = float(outputs["loss"] if isinstance(outputs, dict) else outputs)
            of = "" if trainer.max_steps > 0 else f"/{trainer.max_epochs}"
            self._report(1, f"epoch {trainer.current_epoch + 1}{of}, loss {loss:.4f}")

    def on_train_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """End."""
        self._close()

    def on_exception(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule, exception: BaseException
    ) -> None:
        """End, so that the terminal is whole again."""
        self._close()

    def _close(self) -> None:
        if self._shown is not None:
            self._shown.close()
        self._shown = self._report = None
