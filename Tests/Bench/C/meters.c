// What polling costs a plain C program with libmodbus: a thread and a connection a meter, 40 registers once a second.
// meters PORT COUNT SECONDS: prints the processor seconds used.
#include <modbus.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static int port;

static void *poll_meter(void *argument) {
    long number = (long)argument;
    modbus_t *meter = modbus_new_tcp("127.0.0.1", port);
    if (modbus_connect(meter) != 0) return NULL;
    modbus_set_slave(meter, 1);
    struct timespec slot;
    clock_gettime(CLOCK_MONOTONIC, &slot);
    slot.tv_nsec = number * 7919 % 1000 * 1000000L;
    slot.tv_sec++;
    uint16_t registers[125];
    for (;;) {
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &slot, NULL);
        modbus_read_registers(meter, 0, 40, registers);
        slot.tv_sec++;
    }
}

int main(int count, char **words) {
    if (count != 4) return 64;
    port = atoi(words[1]);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 65536);
    for (long number = 0; number < atoi(words[2]); number++) {
        pthread_t thread;
        if (pthread_create(&thread, &attributes, poll_meter, (void *)number) != 0) return 1;
    }
    sleep(atoi(words[3]));
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    printf("%.3f\n", used.tv_sec + used.tv_nsec / 1e9);
    fflush(stdout);
    _exit(0);
}
