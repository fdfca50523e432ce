"""Set-up of mtqnet-brain; the rest of its settings are in pyproject.toml.

Authors
 * The mtqnet-brain developers 2026
"""

from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent

# Newer torch and torchaudio do not import together; utils/installation.py
# checks the pair, since pip cannot ask for equal minor versions.
CORE = [
    "torch>=2.7.1,<2.12",
    "torchaudio>=2.7.1,<2.12",
    "speechbrain>=1.1.0,<1.2",
    "hyperpyyaml>=1.2.2",
    "transformers>=4.51.3",
    "huggingface_hub>=0.30",
    "safetensors>=0.4.3",
    "soundfile>=0.13",
    "soxr>=0.5",
    "numpy>=1.26",
    "scipy>=1.12",
    "matplotlib>=3.8",
    "tqdm>=4.62",
]
EXTRAS = {
    "labels": ["pesq>=0.0.4", "pystoi>=0.4.1"],
    "corpus": ["espeakng-loader>=0.2.4"],
    "codecs": ["av>=14"],
    "distillmos": ["distillmos>=0.9.1,<0.10"],
    "dnsmos": ["speechmos>=0.0.1.1", "onnxruntime>=1.17", "librosa>=0.10"],
    "keras": ["h5py>=3.10"],
    "onnx": ["onnx>=1.16", "onnxruntime>=1.17"],
    "ray": ["ray[data]>=2.48", "pyarrow>=15"],
    "rooms": ["pyroomacoustics>=0.7"],
    # Other minor versions of ruff and mypy have other opinions; setuptools
    # builds the wheel that a test installs.
    "dev": [
        "mypy>=2.4,<2.5",
        "pytest>=8",
        "pytest-xdist>=3.7",
        "ruff>=0.17.6,<0.18",
        "yamllint>=1.35",
        "setuptools>=70.1",
    ],
}
EXTRAS["corpus"] += EXTRAS["labels"]  # a corpus is labelled when it is built
EXTRAS["all"] = sorted({need for extra in EXTRAS.values() for need in extra})

setup(
    name="mtqnet-brain",
    version=(ROOT / "mtqnet_brain" / "version.txt").read_text().strip(),
    description="MTQ-Net: speech quality without a reference, on SpeechBrain",
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    author="The mtqnet-brain developers",
    license="Apache-2.0",
    classifiers=[
        "Intended Audience :: Science/Research",
        "Programming Language :: Python :: 3",
        "Topic :: Multimedia :: Sound/Audio :: Speech",
    ],
    packages=find_packages(include=["mtqnet_brain", "mtqnet_brain.*"]),
    package_data={
        "mtqnet_brain": [
            "version.txt",
            "py.typed",
            "pretrained/lite/*",
            "labels/fusion.json",
        ]
    },
    python_requires=">=3.11",
    install_requires=CORE,
    extras_require=EXTRAS,
    entry_points={"console_scripts": ["mtqnet=mtqnet_brain.cli:command"]},
)
