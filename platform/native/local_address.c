/*
 * Machines with several addresses: which of ours a datagram came to, so that the answer leaves from there. A peer
 * that asked one address does not know another, and firewalls on the way neither.
 *
 * In TypeScript's hands a local address is a number in the second byte of an address record, 0 for "as the kernel likes
 * it". The numbers are the process's, since records go from one station to another.
 */
#include "local_address.h"
#include "packet_io.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum { MAX_LOCAL_ADDRESSES = 64 };

/* Written once each, under the lock, before `known` says so. */
static struct in6_addr addresses[MAX_LOCAL_ADDRESSES]; /* IPv4 as ::ffff:a.b.c.d */
static atomic_int known;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int find(const struct in6_addr *address, int count) {
  for (int i = 0; i < count; i++) {
    if (memcmp(&addresses[i], address, sizeof *address) == 0) return i;
  }
  return -1;
}

/* 0 when there are too many. */
static uint8_t number_of(const struct in6_addr *address) {
  int at = find(address, atomic_load_explicit(&known, memory_order_acquire));
  if (at < 0) {
    pthread_mutex_lock(&lock);
    int count = atomic_load_explicit(&known, memory_order_relaxed);
    at = find(address, count);
    if (at < 0 && count < MAX_LOCAL_ADDRESSES) {
      at = count;
      addresses[at] = *address;
      atomic_store_explicit(&known, count + 1, memory_order_release);
    }
    pthread_mutex_unlock(&lock);
  }
  return (uint8_t)(at + 1);
}

static bool is_of_account(const struct ifaddrs *one, int family) {
  if (!one->ifa_addr || one->ifa_addr->sa_family != family) return false;
  if (!(one->ifa_flags & IFF_UP) || (one->ifa_flags & IFF_LOOPBACK)) return false;
  if (family == AF_INET) return true;
  return !IN6_IS_ADDR_LINKLOCAL(&((const struct sockaddr_in6 *)(const void *)one->ifa_addr)->sin6_addr);
}

bool local_addresses_are_several(void) {
  struct ifaddrs *all = NULL;
  if (getifaddrs(&all) != 0) return true;
  int v4 = 0, v6 = 0;
  for (const struct ifaddrs *one = all; one; one = one->ifa_next) {
    v4 += is_of_account(one, AF_INET);
    v6 += is_of_account(one, AF_INET6);
  }
  freeifaddrs(all);
  return v4 > 1 || v6 > 1;
}

void local_address_watch(const Io *io) {
  int on = 1;
  if (io->family == AF_INET6) {
    (void)setsockopt(io->fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
  } else {
    (void)setsockopt(io->fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
  }
}

uint8_t local_address_read(const struct cmsghdr *c) {
  struct in6_addr address;
  if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
    struct in6_pktinfo info;
    memcpy(&info, CMSG_DATA(c), sizeof info);
    address = info.ipi6_addr;
  } else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
    struct in_pktinfo info;
    memcpy(&info, CMSG_DATA(c), sizeof info);
    memset(&address, 0, sizeof address);
    address.s6_addr[10] = address.s6_addr[11] = 0xff;
    memcpy(address.s6_addr + 12, &info.ipi_addr, 4);
  } else {
    return 0;
  }
  return number_of(&address);
}

bool local_address_is_known(uint8_t number) {
  return number > 0 && number <= atomic_load_explicit(&known, memory_order_acquire);
}

size_t local_address_write(const Io *io, uint8_t number, struct cmsghdr *c) {
  if (!local_address_is_known(number)) return 0;
  const struct in6_addr *address = &addresses[number - 1];
  if (io->family == AF_INET6) {
    struct in6_pktinfo info = {.ipi6_addr = *address};
    c->cmsg_level = IPPROTO_IPV6;
    c->cmsg_type = IPV6_PKTINFO;
    c->cmsg_len = CMSG_LEN(sizeof info);
    memcpy(CMSG_DATA(c), &info, sizeof info);
    return CMSG_SPACE(sizeof info);
  }
  struct in_pktinfo info = {0};
  memcpy(&info.ipi_spec_dst, address->s6_addr + 12, 4);
  c->cmsg_level = IPPROTO_IP;
  c->cmsg_type = IP_PKTINFO;
  c->cmsg_len = CMSG_LEN(sizeof info);
  memcpy(CMSG_DATA(c), &info, sizeof info);
  return CMSG_SPACE(sizeof info);
}
