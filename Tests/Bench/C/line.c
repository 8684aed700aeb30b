// A device on a pty that keeps a serial line's timing, and the plainest program that asks it: what pty and machine leave
// of the line's rate for anybody.
// line serve BAUD REGISTERS: prints the path of the line, then answers for ever.
// line ask PATH BAUD REGISTERS SECONDS: prints the share of the line's rate that was reached.
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define TURNAROUND 2000000LL

static long long character, silence;

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

// Timers of this machine may be late by more than a tenth of a millisecond.
static void sleep_until(long long moment) {
    long long early = moment - 200000;
    struct timespec time = {early / 1000000000, early % 1000000000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
    while (now() < moment) {}
}

static void crc(unsigned char *frame, int length) {
    unsigned crc = 0xFFFF;
    for (int i = 0; i < length; i++) {
        crc ^= frame[i];
        for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ 0xA001 : crc >> 1;
    }
    frame[length] = crc;
    frame[length + 1] = crc >> 8;
}

static int serve(int registers) {
    int device, line;
    struct termios raw;
    if (openpty(&device, &line, NULL, NULL, NULL) != 0) return 1;
    tcgetattr(line, &raw);
    cfmakeraw(&raw);
    tcsetattr(line, TCSANOW, &raw);
    printf("%s\n", ttyname(line));
    fflush(stdout);
    unsigned char request[64], answer[300] = {1, 3, 2 * registers};
    int length = 5 + 2 * registers;
    crc(answer, length - 2);
    struct pollfd watched = {device, POLLIN, 0};
    for (;;) {
        poll(&watched, 1, -1);
        long long came = now();
        if (read(device, request, sizeof request) != 8) continue;
        // Bytes on a pty arrive at once: the answer's last one is due when the wire would have brought it.
        sleep_until(came + (8 + length) * character + TURNAROUND);
        if (write(device, answer, length) != length) return 1;
    }
}

static int ask(const char *path, int registers, int seconds) {
    int line = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK), length = 5 + 2 * registers, done = 0;
    if (line < 0) return 1;
    unsigned char request[8] = {1, 3, 0, 0, 0, registers}, answer[300];
    crc(request, 6);
    struct pollfd watched = {line, POLLIN, 0};
    long long begin = now(), quiet = begin, wire = (8 + length) * character + TURNAROUND + silence;
    while (now() - begin < seconds * 1000000000LL) {
        sleep_until(quiet);
        if (write(line, request, 8) != 8) return 1;
        for (int got = 0; got < length;) {
            poll(&watched, 1, 1000);
            int more = read(line, answer + got, length - got);
            if (more > 0) got += more;
        }
        quiet = now() + silence;
        done++;
    }
    printf("%.4f\n", (double)done * wire / (now() - begin));
    return 0;
}

int main(int count, char **words) {
    int serves = count == 4 && !strcmp(words[1], "serve");
    if (!serves && !(count == 6 && !strcmp(words[1], "ask"))) return 64;
    int baud = atoi(words[serves ? 2 : 3]), registers = atoi(words[serves ? 3 : 4]);
    character = 11000000000LL / baud;
    silence = baud > 19200 ? 1750000 : 38500000000LL / baud;
    prctl(PR_SET_TIMERSLACK, 1000);
    return serves ? serve(registers) : ask(words[2], registers, atoi(words[5]));
}
