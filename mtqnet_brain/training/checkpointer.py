"""A Checkpointer that a kill cannot leave with half a checkpoint.

Authors
 * The mtqnet-brain developers 2026
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

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
    """SpeechBrain's Checkpointer, with the file that counts written last.

    A folder is a checkpoint once it has its ``CKPT.yaml``. SpeechBrain writes
    that file first, so a run killed while it saves cannot be resumed. A kill
    while it deletes does no harm: neither the newest nor the best goes.
    """

    def save_checkpoint(self, *args, **kwargs) -> Checkpoint:
        """Save a checkpoint; it counts once all of it is written.

        Arguments
        ---------
        *args, **kwargs
            Of `Checkpointer.save_checkpoint`.

        Returns
        -------
        Checkpoint
            On the main process, else None.
        """
        self._remove_remains()
        checkpoint = super().save_checkpoint(*args, **kwargs)
        if checkpoint is not None:
            final = checkpoint.path / METAFNAME
            os.replace(final.with_name(METAFNAME + PARTIAL), final)
        # Every rank looks next for what is to be deleted, and must see it.
        ddp_barrier()
        return checkpoint

    def _save_checkpoint_metafile(self, fpath, *args, **kwargs):
        """Write the file under a name that does not count yet."""
        partial = fpath.with_name(fpath.name + PARTIAL)
        return super()._save_checkpoint_metafile(partial, *args, **kwargs)

    @main_process_only
    def _remove_remains(self):
        """Remove folders that a kill has left incomplete."""
        for folder in self.checkpoints_dir.glob(f"{CKPT_PREFIX}+*"):
            if not (folder / METAFNAME).exists():
                shutil.rmtree(folder)
