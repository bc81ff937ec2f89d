package org.flinksigmoid.operators.inference;

import org.flinksigmoid.kernels.backend.DeviceFailureException;

/** Tells a device that is gone for this process from failures that may pass or blame a record. */
final class DeviceLoss {
    private DeviceLoss() {}

    /** Whether a failure, or what caused it, says that every later call on the device fails too. */
    static boolean in(Throwable failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof DeviceFailureException device && device.lost()) {
                return true;
            }
        }
        return false;
    }
}
