// A Modbus TCP server for many meters that costs next to nothing: answers every read of registers at once.
// server PORT
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int count, char **words) {
    if (count != 2) return 64;
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    int yes = 1, listener = socket(AF_INET, SOCK_STREAM, 0), events = epoll_create1(0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    struct sockaddr_in address = {AF_INET, htons(atoi(words[1])), {htonl(INADDR_LOOPBACK)}};
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0) return 1;
    listen(listener, 4096);
    struct epoll_event event = {EPOLLIN, {.fd = listener}};
    epoll_ctl(events, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        struct epoll_event ready[64];
        int number = epoll_wait(events, ready, 64, -1);
        for (int i = 0; i < number; i++) {
            int descriptor = ready[i].data.fd;
            if (descriptor == listener) {
                int connection = accept(listener, NULL, NULL);
                setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
                struct epoll_event added = {EPOLLIN, {.fd = connection}};
                epoll_ctl(events, EPOLL_CTL_ADD, connection, &added);
                continue;
            }
            unsigned char request[300], answer[300] = {0};
            if (recv(descriptor, request, sizeof request, 0) < 12) {
                close(descriptor);
                continue;
            }
            int registers = (request[10] << 8 | request[11]) % 126;
            memcpy(answer, request, 8);
            answer[4] = (3 + 2 * registers) >> 8;
            answer[5] = (3 + 2 * registers) & 255;
            answer[8] = 2 * registers;
            for (int r = 0; r < registers; r++) {
                answer[9 + 2 * r] = 0x42;
                answer[10 + 2 * r] = r;
            }
            send(descriptor, answer, 9 + 2 * registers, MSG_NOSIGNAL);
        }
    }
}
