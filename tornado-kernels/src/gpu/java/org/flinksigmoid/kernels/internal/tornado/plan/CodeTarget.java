package org.flinksigmoid.kernels.internal.tornado.plan;

import java.lang.reflect.Method;
import java.util.List;

/** One of TornadoVM's compilers: how its code comes onto a card, and what that is called with. */
interface CodeTarget {
    /**
     * Compiles a kernel and loads it.
     *
     * @param name under which TornadoVM keeps it
     * @param arguments of its own type for each parameter; numbers become constants of the code
     * @return the driver's handle of it
     */
    long load(Method kernel, String name, Object[] arguments);

    /**
     * What the driver passes to the code: Long (a device address), Integer or Float each.
     *
     * @param arguments a {@link Region}, an Integer or a Float for each parameter of the kernel but
     *     the first
     */
    List<Object> passed(Object... arguments);
}
