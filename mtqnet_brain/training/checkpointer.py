"""A Checkpointer that a kill cannot leave with half a checkpoint.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

from speechbrain.utils.checkpoints import (
    CKPT_PREFIX,
    METAFNAME,
    Checkpointer,
)
from speechbrain.utils.distributed import ddp_barrier, main_process_only

from mtqnet_brain.utils.files import PARTIAL

if TYPE_CHECKING:
    from speechbrain.utils.checkpoints import Checkpoint


class WholeCheckpointer(Checkpointer):
    """SpeechBrain's Checkpointer, with ``CKPT.yaml`` written last.

    A folder with that file is taken for a checkpoint. SpeechBrain writes it
    first, so a run killed while it saves cannot be resumed. A kill while it
    deletes does no harm: it deletes neither the newest nor the best.
    """

    def save_checkpoint(self, *args: Any, **kwargs: Any) -> Checkpoint | None:
        """Save a checkpoint, as SpeechBrain does; it is valid once complete.

        Returns
        -------
        Checkpoint
            On the main process, else None.
        """
        self._remove_incomplete()
        checkpoint = super().save_checkpoint(*args, **kwargs)
        if checkpoint is not None:
            final = checkpoint.path / METAFNAME
            os.replace(final.with_name(METAFNAME + PARTIAL), final)
        # Every rank lists the checkpoints next and must see this one.
        ddp_barrier()
        return checkpoint

    # SpeechBrain 1.1 has no public hook before or after this file.
    def _save_checkpoint_metafile(self, fpath, *args, **kwargs):
        """Write ``CKPT.yaml`` under another name for now."""
        partial = fpath.with_name(fpath.name + PARTIAL)
        return super()._save_checkpoint_metafile(partial, *args, **kwargs)

    @main_process_only
    def _remove_incomplete(self):
        """Remove what a killed run was saving."""
        for folder in self.checkpoints_dir.glob(f"{CKPT_PREFIX}+*"):
            if not (folder / METAFNAME).exists():
                shutil.rmtree(folder)
