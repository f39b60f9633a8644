"""What is said when a servo is not known, or a figure does not fit it."""


class CatalogueError(ValueError):
    """A servo, a register or a value is not as the catalogue knows it, or a servo file is wrong.

    The message names the servo or the file, the register or the key, and the mend.
    """
