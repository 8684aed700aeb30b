// What polling costs a plain C program with libmodbus: a thread and a connection a meter, 40 registers once a second.
// meters PORT COUNT SECONDS [DATABASE]: prints the processor seconds used; with a database each of the 20 values of an
// answer is a row of it, committed once a second.
#include <modbus.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static int port;
static sqlite3 *database;
static sqlite3_stmt *insertion;
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

static void run(const char *sql) {
    if (sqlite3_exec(database, sql, NULL, NULL, NULL) != SQLITE_OK) {
        fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(database));
        exit(1);
    }
}

static void store(long meter, const uint16_t *registers) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    pthread_mutex_lock(&turn);
    for (int value = 0; value < 20; value++) {
        sqlite3_bind_int64(insertion, 1, meter * 20 + value);
        sqlite3_bind_int64(insertion, 2, now.tv_sec * 1000LL + now.tv_nsec / 1000000);
        sqlite3_bind_double(insertion, 3, modbus_get_float_abcd(registers + 2 * value));
        sqlite3_step(insertion);
        sqlite3_reset(insertion);
    }
    pthread_mutex_unlock(&turn);
}

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
        if (modbus_read_registers(meter, 0, 40, registers) == 40 && database) store(number, registers);
        slot.tv_sec++;
    }
}

int main(int count, char **words) {
    if (count < 4 || count > 5) return 64;
    port = atoi(words[1]);
    if (count == 5) {
        if (sqlite3_open(words[4], &database) != SQLITE_OK) return 74;
        run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
            "CREATE TABLE reading (point INTEGER, time INTEGER, value REAL, quality INTEGER); BEGIN");
        sqlite3_prepare_v2(database, "INSERT INTO reading VALUES (?, ?, ?, 0)", -1, &insertion, NULL);
    }
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 65536);
    for (long number = 0; number < atoi(words[2]); number++) {
        pthread_t thread;
        if (pthread_create(&thread, &attributes, poll_meter, (void *)number) != 0) return 1;
    }
    for (int second = 0; second < atoi(words[3]); second++) {
        sleep(1);
        if (!database) continue;
        pthread_mutex_lock(&turn);
        run("COMMIT; BEGIN");
        pthread_mutex_unlock(&turn);
    }
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    printf("%.3f\n", used.tv_sec + used.tv_nsec / 1e9);
    fflush(stdout);
    _exit(0);
}
