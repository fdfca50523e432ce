"""Uploads an exported model to the Hugging Face hub.

Authors
 * The mtqnet-brain developers 2026
"""

import re
from pathlib import Path

from mtqnet_brain.utils.error_text import one_line

# Owner and name are words of the hub: no dots or dashes at their ends.
_NAME = re.compile(r"\w(?:[\w.-]{0,94}\w)?/\w(?:[\w.-]{0,94}\w)?", re.ASCII)


def check_hub_name(name: str) -> str:
    """Return a name on the hub, ``OWNER/NAME``; refuse any other text."""
    if not _NAME.fullmatch(name) or ".." in name or "--" in name:
        raise ValueError(f"--push {name!r:.80}: need OWNER/NAME of the hub")
    return name


def push_model(folder: str | Path, name: str) -> str:
    """Upload an exported model; its repository is made where there is none.

    Arguments
    ---------
    folder : str or Path
        Folder that `export.export_model` wrote.
    name : str
        ``OWNER/NAME``.

    Returns
    -------
    str
        Address of the commit.

    Raises
    ------
    ConnectionError
        If the hub refuses it or cannot be reached; the folder stays.
    """
    from huggingface_hub import HfApi

    api = HfApi()
    try:
        api.create_repo(name, exist_ok=True)
        commit = api.upload_folder(
            repo_id=name,
            folder_path=folder,
            commit_message="Model exported by mtqnet-brain",
        )
    # The client's errors have no common base over its versions.
    except Exception as err:
        raise ConnectionError(
            f"{name}: not uploaded ({one_line(err)}); log in with `hf auth "
            f"login`, then: hf upload {name} {folder}"
        ) from err
    return commit.commit_url
