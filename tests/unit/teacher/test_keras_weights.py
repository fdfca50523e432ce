"""Keras files that would read elsewhere or take memory, and damaged ones.

Authors
 * The mtqnet-brain developers 2026
"""

import os
import random

import numpy as np
import pytest

from mtqnet_brain.cli import main
from mtqnet_brain.teacher import keras_weights as keras_file
from mtqnet_brain.teacher import open_teacher
from mtqnet_brain.teacher.keras_weights import (
    KerasFileError,
    read_keras_weights,
)

h5py = pytest.importorskip("h5py")
KERNEL = "dense/kernel:0"


def write(path, fill, layer="dense", names=(KERNEL,)):
    """Write a weights-only file whose layer is filled by a function."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = np.array([layer], dtype="S")
        group = file.create_group(layer)
        group.attrs["weight_names"] = np.array(names, dtype="S")
        fill(group)
    return path


def plain(group):
    """Write a kernel as Keras does."""
    group[KERNEL] = np.ones((3, 2), dtype="f4")


def external_link(group):
    """Lead into another file."""
    group[KERNEL] = h5py.ExternalLink("secret.h5", "/dense/dense/kernel:0")


def soft_link(group):
    """Lead to another place."""
    group["x"] = np.ones(3)
    group[KERNEL] = h5py.SoftLink("/dense/x")


def linked_group(group):
    """Lead into another file halfway."""
    group["dense"] = h5py.ExternalLink("secret.h5", "/dense/dense")


def external_storage(group):
    """Have the values in any file."""
    group.create_dataset(
        KERNEL, (4,), "f4", external=[("secret.h5", 0, h5py.h5f.UNLIMITED)]
    )


def virtual(group):
    """Have the values of another file's dataset."""
    layout = h5py.VirtualLayout((3, 2), "f4")
    layout[:] = h5py.VirtualSource("secret.h5", "dense/dense/kernel:0", (3, 2))
    group.create_virtual_dataset(KERNEL, layout)


def strings(group):
    """Have texts of any length."""
    group.create_dataset(KERNEL, data=["a"], dtype=h5py.string_dtype())


def references(group):
    """Have references to objects."""
    group.create_dataset(KERNEL, (2,), dtype=h5py.ref_dtype)


def lists(group):
    """Have lists of any length."""
    group.create_dataset(KERNEL, (2,), dtype=h5py.vlen_dtype("f4"))


def huge(group):
    """Promise 4 TB, of which nothing is stored."""
    group.create_dataset(KERNEL, (10**6, 10**6), "f4", chunks=(64, 64))


def bomb(group):
    """Store a chunk of 24 bytes that inflates to 50 MB."""
    zeros = np.zeros(50_000_000 // 4, dtype="f4")
    group.create_dataset(
        "long", data=zeros, chunks=zeros.shape, compression="gzip"
    )
    _, stored = group["long"].id.read_direct_chunk((0,))
    small = group.create_dataset(
        KERNEL, (6,), "f4", chunks=(6,), compression="gzip"
    )
    small.id.write_direct_chunk((0,), stored)
    assert len(stored) < 100_000


def a_group(group):
    """Be no array."""
    group.create_group(KERNEL)


HOSTILE = {
    external_link: "a link to another file .ExternalLink",
    soft_link: "a link to another file .SoftLink",
    linked_group: "a link to another file .ExternalLink",
    external_storage: "values are stored in an external file",
    virtual: "values are stored in an external file",
    strings: "type object, expected floats",
    references: "type object, expected floats",
    lists: "type object, expected floats",
    huge: r"shape \(1000000, 1000000\), no weight",
    bomb: "compressed as Keras never does",
    a_group: "a group, expected an array",
}


@pytest.mark.parametrize("fill", HOSTILE, ids=lambda fill: fill.__name__)
def test_hostile_files_are_refused(tmp_path, fill, capsys):
    """In one line with the reason, whatever they lead to."""
    write(tmp_path / "secret.h5", plain)
    path = write(tmp_path / "w.h5", fill)
    with pytest.raises(KerasFileError, match=HOSTILE[fill]):
        read_keras_weights(path)
    assert main(["import-mosanet", str(path), str(tmp_path / "out")]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_plain_and_compressed_files_are_read(tmp_path):
    """Keras of some versions compresses."""

    def compressed(group):
        """Write a kernel with gzip and shuffling."""
        values = np.arange(6, dtype="f4").reshape(3, 2)
        group.create_dataset(
            KERNEL, data=values, compression="gzip", shuffle=True
        )

    ((name, array),) = read_keras_weights(write(tmp_path / "a.h5", plain))
    assert name == KERNEL and array.tolist() == [[1, 1]] * 3
    ((_, array),) = read_keras_weights(write(tmp_path / "b.h5", compressed))
    assert array.tolist() == [[0, 1], [2, 3], [4, 5]]


def test_many_weights_in_one_file_are_counted(tmp_path, monkeypatch):
    """A hundred names of one array too."""
    monkeypatch.setattr(keras_file, "MAX_VALUES", 20)
    names = [KERNEL] * 4
    with pytest.raises(KerasFileError, match="24 values"):
        read_keras_weights(write(tmp_path / "w.h5", plain, names=names))


def test_attributes_that_are_no_names(tmp_path):
    """Numbers, or a table of names."""
    path = write(tmp_path / "w.h5", plain)
    for value in (np.ones(3), np.array([["a"], ["b"]], dtype="S")):
        with h5py.File(path, "a") as file:
            del file.attrs["layer_names"]
            file.attrs["layer_names"] = value
        with pytest.raises(KerasFileError, match="expected a list of names"):
            read_keras_weights(path)


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_what_is_no_file(tmp_path, make):
    """A pipe would be waited for; as a teacher too."""
    make(tmp_path / "w.h5")
    for read in (read_keras_weights, open_teacher):
        with pytest.raises(KerasFileError, match="a folder or device"):
            read(tmp_path / "w.h5")


def test_large_files_are_not_even_opened(tmp_path):
    """By their size alone."""
    with open(tmp_path / "w.h5", "wb") as file:
        file.truncate(10**12)
    with pytest.raises(KerasFileError, match="1000000 MB"):
        read_keras_weights(tmp_path / "w.h5")


def test_mutated_files_end_in_one_line(tmp_path):
    """Sixty with changed bytes, cut ones among them."""
    whole = write(tmp_path / "w.h5", plain).read_bytes()
    rng = random.Random(1986)
    for _ in range(60):
        content = bytearray(whole)
        for _ in range(rng.choice((1, 5, 50))):
            content[rng.randrange(len(content))] = rng.randrange(256)
        del content[rng.choice((len(whole), rng.randrange(len(whole)))) :]
        (tmp_path / "m.h5").write_bytes(content)
        try:
            read_keras_weights(tmp_path / "m.h5")
        except KerasFileError as err:
            assert "\n" not in str(err)
