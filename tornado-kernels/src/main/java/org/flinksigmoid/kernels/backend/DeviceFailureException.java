package org.flinksigmoid.kernels.backend;

/**
 * A device, its driver or its compiler failed: a launch, a copy, an allocation, a kernel that does
 * not compile, a device that is gone. What was asked for is fine and may run elsewhere; on this
 * device it may be tried again unless {@link #lost}.
 */
public final class DeviceFailureException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Whether the device can't be used again in this process. */
    private final boolean lost;

    /** What failed, and whether anything after it fails too. */
    public DeviceFailureException(String message, boolean lost) {
        super(message);
        this.lost = lost;
    }

    /** What failed and why; the device itself is well. */
    public DeviceFailureException(String message, Throwable cause) {
        super(message, cause);
        this.lost = false;
    }

    /** Whether every later call on this device would fail, in this process. */
    public boolean lost() {
        return lost;
    }
}
