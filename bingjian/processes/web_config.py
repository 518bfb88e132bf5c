"""What the supervisor hands to the web process, in a module that loads nothing of the platform itself."""

from pydantic import BaseModel, Field

from bingjian.settings import Settings

EXIT_CONFIG = 78  # sysexits.h EX_CONFIG: starting again would not help


class WorkerConfig(BaseModel):
    """One media worker, as the web process reaches it."""

    name: str
    control_url: str
    public_url: str
    credential: str = Field(repr=False)


class SignalConfig(BaseModel):
    """The signal process, as the web process reaches it, and as devices do."""

    url: str  # of its control interface
    credential: str = Field(repr=False)
    sip_id: str
    sip_domain: str
    sip_host: str  # what is set in a device
    sip_port: int
    sip_tls_port: int = 0  # 0: none


class WebConfig(BaseModel):
    """What the supervisor hands over."""

    settings: Settings
    workers: list[WorkerConfig]
    imaging_url: str
    imaging_credential: str = Field(repr=False)
    masked_url: str  # how browsers reach masked renditions
    signal: SignalConfig | None = None  # none: GB/T 28181 is off
