"""From logs of a servo on a rig to its parameters, with how sure they are and whether they can be.

`read_logs` -> `RigFit` (a servo's error on logs) -> `search` (CMA-ES, then least squares) ->
`identify` (the six friction models, one in the other) -> `Identification`.
"""
