"""A package of somebody who has read docs/write-your-own.md and no other file of envcfg."""
