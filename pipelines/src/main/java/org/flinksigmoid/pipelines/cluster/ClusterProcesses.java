package org.flinksigmoid.pipelines.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.IllegalConfigurationException;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessSpec;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessUtils;
import org.apache.flink.runtime.util.config.memory.ProcessMemoryUtils;
import org.flinksigmoid.pipelines.JobEnvironment;
import org.flinksigmoid.pipelines.local.TemporaryFolder;

/**
 * A session cluster of one JobManager and several TaskManagers, each a process of its own. A
 * TaskManager that dies stays dead until {@link #replaceTheDead}. Closing ends all of them; so does
 * the end of this JVM, even where it is killed.
 */
public final class ClusterProcesses implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final long POLL_MILLIS = 100;
    private static final int TRIES = 3;

    /** The exit code of a process that one of them ended is that much more than 128. */
    private static final int SIGNALS = 64;

    /** By SIGKILL or SIGTERM, which come from others: a JVM that crashes ends by SIGABRT. */
    private static final Set<Integer> KILLED = Set.of(128 + 9, 128 + 15);

    private static final MemorySize JOB_MANAGER_HEAP = MemorySize.ofMebiBytes(512);
    private static final MemorySize TASK_MANAGER_MEMORY = MemorySize.ofMebiBytes(1536);

    private final ClusterOptions options;
    private final Path configuration;
    private final Path temporary;
    private final ClusterRest rest;
    private final Thread shutdown = Thread.ofPlatform().unstarted(this::endAll);
    private final List<Running> taskManagers = new CopyOnWriteArrayList<>();

    /** Every process that was launched. */
    private final List<Process> all = new CopyOnWriteArrayList<>();

    /** Of the folder, for as long as it is ours. Null before. */
    private FileChannel lock;

    private Running jobManager;
    private int started;

    /** TaskManagers that ended by themselves, one after the other, unknown to the JobManager. */
    private int failedStarts;

    /**
     * Set before the processes are ended: one launched later would stay behind. Guarded by this.
     */
    private boolean ended;

    /**
     * A process.
     *
     * @param temporary its own folder for what Flink puts on the disk, more than 20 MB, which stay
     *     there where it is killed
     */
    private record Running(Process process, ProcessLog log, Path temporary) {
        boolean isAlive() {
            return process.isAlive();
        }

        /** Why it did; of one that was killed the log may tell of what is long over. */
        String end() {
            int signal = process.exitValue() - 128;
            String reason = signal > 0 && signal <= SIGNALS ? "signal " + signal : log.reason();
            return "%s; its log is %s".formatted(reason, log.file());
        }

        /** Whether it might have gone on: it says nothing about the next one. */
        boolean wasKilled() {
            return KILLED.contains(process.exitValue());
        }
    }

    private ClusterProcesses(ClusterOptions options) {
        this.options = options;
        this.configuration = options.folder().resolve("conf");
        this.temporary = Path.of(JobEnvironment.temporaryIn(options.folder().resolve("tmp")));
        this.rest = new ClusterRest(address());
    }

    /**
     * Starts the processes and waits until every slot is there.
     *
     * @throws IOException if the folder can't be written
     * @throws IllegalArgumentException if others use the port, or the folder, or Flink can't
     * @throws IllegalStateException if a process ends, naming its log
     */
    public static ClusterProcesses start(ClusterOptions options)
            throws IOException, InterruptedException {
        ClusterProcesses cluster = new ClusterProcesses(options);
        Runtime.getRuntime().addShutdownHook(cluster.shutdown);
        try {
            cluster.requireFreePort();
            cluster.requireFreeFolder();
            cluster.deleteTemporary(); // of a cluster that was killed
            ClusterConfiguration.of(options, cluster.temporary)
                    .write(cluster.configuration.resolve("config.yaml"));
            Files.createDirectories(cluster.temporary);
            cluster.jobManager =
                    cluster.launch(
                            ClusterProcess.JOB_MANAGER,
                            ClusterProcess.JOB_MANAGER,
                            List.of("-Xmx" + cluster.jobManagerHeap().getBytes()),
                            List.of());
            for (int i = 0; i < options.taskManagers(); i++) {
                cluster.startTaskManager();
            }
            cluster.awaitSlots(options.taskManagers() * options.slots());
            return cluster;
        } catch (IOException e) {
            cluster.close();
            throw named(e, options.folder());
        } catch (InterruptedException | RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    /** What does not say which file it is about names the folder. */
    private static IOException named(IOException failure, Path folder) {
        return failure instanceof FileSystemException
                ? failure
                : new IOException(
                        "%s: expected to write configuration and logs there, found %s"
                                .formatted(folder, failure.getMessage()),
                        failure);
    }

    /** Where jobs are submitted: the JobManager's REST interface. */
    public URI address() {
        return URI.create("http://%s:%d".formatted(options.restHost(), options.restPort()));
    }

    /** Answers about jobs. */
    public ClusterRest rest() {
        return rest;
    }

    /** The TaskManagers' processes, the oldest first. */
    public List<Process> taskManagers() {
        return taskManagers.stream().map(Running::process).toList();
    }

    /**
     * Starts a TaskManager for each that has died, and doesn't wait for them; none once the cluster
     * is closed, or this JVM ends.
     *
     * @return why each that had died did
     * @throws IllegalStateException if several in a row ended by themselves before they could be
     *     used, saying why the last one did
     */
    public List<String> replaceTheDead() throws IOException {
        if (isClosed()) {
            return List.of(); // they die because we end them
        }
        List<Running> dead = taskManagers.stream().filter(each -> !each.isAlive()).toList();
        for (Running each : dead) {
            if (each.log().tellsOfRegistration()) {
                failedStarts = 0;
            } else if (!each.wasKilled()) {
                failedStarts++;
            }
            if (failedStarts == TRIES) {
                throw new IllegalStateException(
                        "expected a TaskManager that starts, found that %d in a row ended: %s"
                                .formatted(TRIES, each.end()));
            }
            taskManagers.remove(each);
            TemporaryFolder.delete(each.temporary());
            startTaskManager();
        }
        return dead.stream().map(Running::end).toList();
    }

    /** Whether the JobManager runs; its jobs end with it. */
    public boolean isAlive() {
        return jobManager.isAlive();
    }

    /** Why the JobManager has ended, once it has. */
    public String jobManagerEnd() {
        return jobManager.end();
    }

    /** Whether {@link #close} was called, or this JVM ends. */
    public synchronized boolean isClosed() {
        return ended;
    }

    @Override
    public void close() {
        endAll();
        try {
            Runtime.getRuntime().removeShutdownHook(shutdown);
        } catch (IllegalStateException e) {
            return; // this JVM is ending: the hook is what runs
        }
    }

    /** The slots of another cluster there would be taken for ours. */
    private void requireFreePort() {
        InetAddress local = InetAddress.getLoopbackAddress();
        try (ServerSocket _ = new ServerSocket(options.restPort(), 1, local)) {
            return;
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "port %d: expected one that nobody uses, found it in use"
                            .formatted(options.restPort()),
                    e);
        }
    }

    /** TaskManagers of another cluster there would come to ours, whose configuration they read. */
    private void requireFreeFolder() throws IOException {
        Files.createDirectories(options.folder());
        FileChannel file =
                FileChannel.open(
                        options.folder().resolve(".lock"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
        if (file.tryLock() == null) {
            file.close();
            throw new IllegalArgumentException(
                    "folder %s: expected one that no other cluster uses, found it in use"
                            .formatted(options.folder()));
        }
        lock = file;
    }

    private void awaitSlots(int expected) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (rest.slots() < expected) {
            for (Running each : running()) {
                if (!each.isAlive() && !isClosed()) { // or it is us who end it
                    throw new IllegalStateException(
                            "expected processes that run, found that one has ended: " + each.end());
                }
            }
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(
                        "expected %d slots within %d s, found %d; logs are in %s"
                                .formatted(
                                        expected,
                                        PATIENCE.toSeconds(),
                                        rest.slots(),
                                        options.folder()));
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    private List<Running> running() {
        List<Running> running = new ArrayList<>(List.of(jobManager));
        running.addAll(taskManagers);
        return running;
    }

    private void startTaskManager() throws IOException {
        Configuration resources = new Configuration();
        resources.set(TaskManagerOptions.TOTAL_PROCESS_MEMORY, TASK_MANAGER_MEMORY);
        resources.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(16));
        resources.addAll(Configuration.fromMap(options.settings()));
        resources.set(TaskManagerOptions.NUM_TASK_SLOTS, options.slots());
        // As Flink's start scripts do: each part of the memory, for the JVM and for Flink, and the
        // external resources.
        TaskExecutorProcessSpec parts;
        try {
            parts = TaskExecutorProcessUtils.processSpecFromConfig(resources);
        } catch (IllegalArgumentException | IllegalConfigurationException e) {
            throw new IllegalArgumentException("-D: " + e.getMessage(), e); // names the key
        }
        started++;
        taskManagers.add(
                launch(
                        ClusterProcess.TASK_MANAGER,
                        ClusterProcess.TASK_MANAGER + "-" + started,
                        words(ProcessMemoryUtils.generateJvmParametersStr(parts)),
                        words(TaskExecutorProcessUtils.generateDynamicConfigsStr(parts))));
    }

    private MemorySize jobManagerHeap() {
        try {
            return Configuration.fromMap(options.settings())
                    .getOptional(JobManagerOptions.JVM_HEAP_MEMORY)
                    .orElse(JOB_MANAGER_HEAP);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("-D: " + e.getMessage(), e); // names the key
        }
    }

    private static List<String> words(String text) {
        return List.of(text.trim().split(" +"));
    }

    private Running launch(
            String role, String name, List<String> memoryFlags, List<String> settings)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options.jvmFlags());
        // Without heap threads end one by one: a process that answers nobody would stay for good.
        command.add("-XX:+ExitOnOutOfMemoryError");
        command.addAll(memoryFlags);
        command.addAll(List.of("-cp", options.classPath(), ClusterProcess.class.getName(), role));
        command.addAll(List.of("--configDir", configuration.toString()));
        command.addAll(settings);
        if (!options.settings().containsKey(CoreOptions.TMP_DIRS.key())) {
            command.addAll(List.of("-D", CoreOptions.TMP_DIRS.key() + "=" + temporary(name)));
        }
        keep(log(name));
        synchronized (this) {
            if (ended) {
                throw new IllegalStateException("the cluster is closed");
            }
            Process process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(log(name).toFile())
                            .start();
            all.add(process);
            return new Running(process, new ProcessLog(log(name)), temporary(name));
        }
    }

    private Path temporary(String name) {
        return temporary.resolve(name);
    }

    /** Who restarts a cluster that has ended wants to know why it did. */
    private static void keep(Path log) throws IOException {
        if (Files.exists(log)) {
            Files.move(
                    log,
                    log.resolveSibling(log.getFileName() + ".1"),
                    StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private Path log(String name) {
        return options.folder().resolve(name + ".log");
    }

    private void endAll() {
        synchronized (this) {
            ended = true;
        }
        all.forEach(Process::destroy);
        try {
            for (Process process : all) {
                if (!process.waitFor(5, TimeUnit.SECONDS)) {
                    process.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
                }
            }
        } catch (InterruptedException e) {
            all.forEach(Process::destroyForcibly);
            Thread.currentThread().interrupt();
        }
        leaveFolder();
    }

    /** Only whose folder it is may delete in it. */
    private void leaveFolder() {
        try {
            if (lock != null && lock.isOpen()) {
                deleteTemporary();
                lock.close();
            }
        } catch (IOException e) {
            return; // the end of this JVM leaves it, too
        }
    }

    /** What the processes have left, more than 20 MB each where they were killed; they are dead. */
    private void deleteTemporary() throws IOException {
        if (Files.isDirectory(temporary)) {
            try (DirectoryStream<Path> all =
                    Files.newDirectoryStream(temporary, "{jobmanager,taskmanager-*}")) {
                all.forEach(TemporaryFolder::delete);
            }
        }
    }
}
