"""Bingjian 冰鉴: the platform a city runs its public cameras on."""

__version__ = "0.1.0"
