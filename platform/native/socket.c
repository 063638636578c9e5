/* The UDP socket: dual stack where there is IPv6, large buffers, what the kernel offers for batches. */
#include "socket.h"
#include "local_address.h"
#include "packet_io.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/udp.h>
#include <string.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif

enum { RECEIVE_BUFFER = 10 << 20, SEND_BUFFER = 4 << 20 };

/* The forced variant ignores the system's limit and needs CAP_NET_ADMIN; both are best effort. */
static void set_buffer(int fd, int forced, int plain, int bytes) {
  if (setsockopt(fd, SOL_SOCKET, forced, &bytes, sizeof bytes) != 0) {
    (void)setsockopt(fd, SOL_SOCKET, plain, &bytes, sizeof bytes);
  }
}

static int open_family(Io *io, int family, const void *local, socklen_t length, Sharing sharing) {
  int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno;
  int off = 0, on = 1;
  if (sharing == SHARED) (void)setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (family == AF_INET6) (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  if (bind(fd, local, length) != 0) {
    int error = errno;
    close(fd);
    return error;
  }
  if (sharing == SHARED_LATER) (void)setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  io->fd = fd;
  io->family = family;
  return 0;
}

static int open_any(Io *io, const char *address, int port, Sharing sharing) {
  struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
  struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  if (!address) {
    int error = open_family(io, AF_INET6, &v6, sizeof v6, sharing);
    /* No IPv6 in this kernel or container. */
    if (error == EAFNOSUPPORT || error == EADDRNOTAVAIL) {
      error = open_family(io, AF_INET, &v4, sizeof v4, sharing);
    }
    return error;
  }
  if (inet_pton(AF_INET, address, &v4.sin_addr) == 1) {
    return open_family(io, AF_INET, &v4, sizeof v4, sharing);
  }
  if (inet_pton(AF_INET6, address, &v6.sin6_addr) == 1) {
    return open_family(io, AF_INET6, &v6, sizeof v6, sharing);
  }
  return EINVAL;
}

/*
 * IPv4 packets say "do not fragment", as they do by default, but then need no number either, for which the kernel has to go
 * through memory that all sockets share: 5 % of what a packet costs. What is too large for its path is sent again
 * by socket_send() so that it may be fragmented. IPv6 has no such number.
 */
static void set_fragments(const Io *io, bool allowed) {
  int value = allowed ? IP_PMTUDISC_WANT : IP_PMTUDISC_DO;
  (void)setsockopt(io->fd, IPPROTO_IP, IP_MTU_DISCOVER, &value, sizeof value);
}

int socket_open(Io *io, const char *address, int port, bool segmentation, Sharing sharing) {
  int error = open_any(io, address, port, sharing);
  if (error) return error;
  set_buffer(io->fd, SO_RCVBUFFORCE, SO_RCVBUF, RECEIVE_BUFFER);
  set_buffer(io->fd, SO_SNDBUFFORCE, SO_SNDBUF, SEND_BUFFER);
  set_fragments(io, false);
  int on = 1, value = 0;
  socklen_t length = sizeof value;
  (void)setsockopt(io->fd, IPPROTO_UDP, UDP_GRO, &on, sizeof on);
  /* When a packet arrived, not when we came round to it: senders' estimates live by that. */
  (void)setsockopt(io->fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  io->segmentation =
      segmentation && getsockopt(io->fd, IPPROTO_UDP, UDP_SEGMENT, &value, &length) == 0;
  SocketAddress bound;
  length = sizeof bound;
  if (getsockname(io->fd, &bound.any, &length) != 0) {
    error = errno;
    close(io->fd);
    io->fd = -1;
    return error;
  }
  io->port = ntohs(io->family == AF_INET6 ? bound.v6.sin6_port : bound.v4.sin_port);
  return 0;
}

void address_from_socket(const SocketAddress *from, Address *to) {
  memset(to, 0, sizeof *to);
  if (from->any.sa_family == AF_INET) {
    to->bytes[0] = 4;
    memcpy(to->bytes + 2, &from->v4.sin_port, 2);
    memcpy(to->bytes + 4, &from->v4.sin_addr, 4);
    return;
  }
  memcpy(to->bytes + 2, &from->v6.sin6_port, 2);
  if (IN6_IS_ADDR_V4MAPPED(&from->v6.sin6_addr)) {
    to->bytes[0] = 4;
    memcpy(to->bytes + 4, from->v6.sin6_addr.s6_addr + 12, 4);
  } else {
    to->bytes[0] = 6;
    memcpy(to->bytes + 4, &from->v6.sin6_addr, 16);
  }
}

bool address_to_socket(const Io *io, const Address *from, SocketAddress *to, socklen_t *length) {
  memset(to, 0, sizeof *to);
  int family = from->bytes[0];
  if (family != 4 && family != 6) return false;
  if (io->family == AF_INET) {
    if (family != 4) return false;
    to->v4.sin_family = AF_INET;
    memcpy(&to->v4.sin_port, from->bytes + 2, 2);
    memcpy(&to->v4.sin_addr, from->bytes + 4, 4);
    *length = sizeof to->v4;
    return true;
  }
  to->v6.sin6_family = AF_INET6;
  memcpy(&to->v6.sin6_port, from->bytes + 2, 2);
  uint8_t *ip = to->v6.sin6_addr.s6_addr;
  if (family == 6) {
    memcpy(ip, from->bytes + 4, 16);
  } else {
    ip[10] = ip[11] = 0xff;
    memcpy(ip + 12, from->bytes + 4, 4);
  }
  *length = sizeof to->v6;
  return true;
}

bool socket_send(Io *io, const SocketAddress *to, socklen_t length, uint8_t local,
                 const uint8_t *data, size_t bytes) {
  const int flags = MSG_DONTWAIT | MSG_NOSIGNAL;
  _Alignas(struct cmsghdr) char control[LOCAL_ADDRESS_CONTROL] = {0};
  struct iovec vector = {(void *)(uintptr_t)data, bytes};
  struct msghdr message = {.msg_name = (void *)(uintptr_t)to,
                           .msg_namelen = length,
                           .msg_iov = &vector,
                           .msg_iovlen = 1,
                           .msg_control = control,
                           .msg_controllen = sizeof control};
  message.msg_controllen = local_address_write(io, local, CMSG_FIRSTHDR(&message));
  if (message.msg_controllen == 0) message.msg_control = NULL;
  count(io, TX_CALLS, 1);
  count(io, TX_MESSAGES, 1);
  ssize_t sent = sendmsg(io->fd, &message, flags);
  if (sent < 0 && errno == EMSGSIZE) {
    set_fragments(io, true);
    sent = sendmsg(io->fd, &message, flags);
    set_fragments(io, false);
  }
  if (sent != (ssize_t)bytes) {
    count(io, TX_DROPPED, 1);
    return false;
  }
  count(io, TX_PACKETS, 1);
  count(io, TX_BYTES, (double)bytes);
  return true;
}
