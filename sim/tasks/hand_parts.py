"""The colliding geoms of a hand, sorted by what they are part of."""

from __future__ import annotations

from collections.abc import Sequence

from ...controller import BoundHand


class HandParts:
    """Ids of the colliding geoms beyond the wrist.

    Attributes:
        pad: One per finger, on the body of its fingertip.
        bones: Of each finger the last three without its pad, from the knuckle outwards.
        palm: All others.
    """

    def __init__(self, bound: BoundHand) -> None:
        """Sorts them.

        Raises:
            HandError: A fingertip has nothing to touch with.
        """
        self._model = bound.model
        self.pad = [self._pad(bound, finger) for finger in range(len(bound.tip_ids))]
        self.bones = [
            [g for body in self._links(bound, f.joints)[-3:] for g in self._geoms(body)]
            for f in bound.hand.description.fingers
        ]
        fingers = {*self.pad, *(g for finger in self.bones for g in finger)}
        self.palm = [
            g
            for body in range(bound.model.nbody)
            if self._is_beyond(body, bound.palm_id)
            for g in self._geoms(body)
            if g not in fingers
        ]

    def _pad(self, bound: BoundHand, finger: int) -> int:
        body = int(self._model.site_bodyid[bound.tip_ids[finger]])
        if geoms := self._geoms(body):
            return geoms[0]
        raise bound.hand.error(
            ("fingers", finger, "tip"), "its body has no geom that collides; give it a pad"
        )

    def _links(self, bound: BoundHand, joints: Sequence[str]) -> list[int]:
        bodies = [int(self._model.joint(bound.prefix + joint).bodyid[0]) for joint in joints]
        return list(dict.fromkeys(bodies))

    def _geoms(self, body: int) -> list[int]:
        first, count = int(self._model.body_geomadr[body]), int(self._model.body_geomnum[body])
        touching = self._model.geom_contype | self._model.geom_conaffinity
        return [g for g in range(first, first + count) if touching[g]]

    def _is_beyond(self, body: int, root: int) -> bool:
        while body and body != root:
            body = int(self._model.body_parentid[body])
        return body == root
