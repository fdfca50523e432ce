"""Two or three degradations in a row, as a call has them.

Authors
 * The mtqnet-brain developers 2026
"""

from collections.abc import Mapping, Sequence

from mtqnet_brain.corpus.damage.drawing import Degradation

SEPARATOR = "+"


def several(
    links: Sequence[Sequence[str]],
    degradations: Mapping[str, Degradation],
    n_most: int = 3,
) -> Degradation:
    """Return the degradation that applies two or more others.

    They are of different links, so that no two share a parameter, in the
    order of the links. Their names are the parameter ``chain``, joined by
    ``+``.

    Arguments
    ---------
    links : list of list of str
        Names by link of the chain, from the room to the receiver.
    degradations : dict of str to Degradation
        By name.
    n_most : int
        Largest number of them.

    Returns
    -------
    Degradation
        Draws names and parameters, and applies them.
    """

    def draw(rng):
        """Draw the links, a name of each, and its parameters."""
        n_links = rng.integers(2, n_most + 1)
        chosen = sorted(rng.choice(len(links), n_links, replace=False))
        names = [links[i][rng.integers(len(links[i]))] for i in chosen]
        drawn = {"chain": SEPARATOR.join(names)}
        for name in names:
            drawn |= degradations[name].draw(rng)
        return drawn

    def apply(samples, clean, rng, chain, **parameters):
        """Apply one after the other."""
        for name in chain.split(SEPARATOR):
            one = degradations[name]
            own = {key: parameters[key] for key in one.columns}
            samples = one.apply(samples, clean, rng, **own)
        return samples

    names = [name for link in links for name in link]
    columns = [key for name in names for key in degradations[name].columns]
    return Degradation(draw, apply, ("chain", *dict.fromkeys(columns)))
