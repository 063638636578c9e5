/* Mailboxes; see mailbox.h. */
#include "mailbox.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A buffer for mail, or NULL. Its pages take memory once they have been written to. */
static uint8_t *buffer_create(void) {
  void *buffer = mmap(NULL, MAILBOX_BYTES, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return buffer == MAP_FAILED ? NULL : buffer;
}

static void buffer_free(uint8_t *buffer) {
  if (buffer) munmap(buffer, MAILBOX_BYTES);
}

/* Gives back what only a standstill has filled, of the first `used` bytes; nothing in it is needed any more. */
static void buffer_shrink(uint8_t *buffer, size_t used) {
  if (used > KEPT_BYTES) madvise(buffer + KEPT_BYTES, used - KEPT_BYTES, MADV_DONTNEED);
}

void mailbox_init(Mailbox *mailbox) { pthread_mutex_init(&mailbox->lock, NULL); }

void mailbox_destroy(Mailbox *mailbox) { pthread_mutex_destroy(&mailbox->lock); }

bool mailbox_open(Mailbox *mailbox, MailReader *reader, int event_fd) {
  uint8_t *filling = buffer_create();
  uint8_t *reading = buffer_create();
  pthread_mutex_lock(&mailbox->lock);
  bool ok = filling && reading && !mailbox->filling;
  if (ok) {
    mailbox->filling = filling;
    mailbox->filled = 0;
    mailbox->event_fd = event_fd;
    *reader = (MailReader){.reading = reading};
  }
  pthread_mutex_unlock(&mailbox->lock);
  if (!ok) {
    buffer_free(filling);
    buffer_free(reading);
  }
  return ok;
}

void mailbox_close(Mailbox *mailbox, MailReader *reader) {
  pthread_mutex_lock(&mailbox->lock);
  buffer_free(mailbox->filling);
  mailbox->filling = NULL;
  close(mailbox->event_fd);
  pthread_mutex_unlock(&mailbox->lock);
  buffer_free(reader->reading);
  reader->reading = NULL;
}

static size_t padded(size_t bytes) { return (bytes + 7) & ~(size_t)7; }

void mailbox_wake(Mailbox *mailbox) {
  uint64_t one = 1;
  /* Fails only when it is readable already. */
  (void)!write(mailbox->event_fd, &one, sizeof one);
}

bool mailbox_post(Mailbox *mailbox, const Mail *mail, const uint8_t *data) {
  size_t bytes = sizeof *mail + padded(mail->bytes);
  pthread_mutex_lock(&mailbox->lock);
  bool ok = mailbox->filling && mailbox->filled + bytes <= MAILBOX_BYTES;
  if (ok) {
    uint8_t *at = mailbox->filling + mailbox->filled;
    memcpy(at, mail, sizeof *mail);
    if (mail->bytes) memcpy(at + sizeof *mail, data, mail->bytes);
    bool was_empty = mailbox->filled == 0;
    mailbox->filled += bytes;
    /* Once for all that comes until it is fetched. */
    if (was_empty) mailbox_wake(mailbox);
  }
  pthread_mutex_unlock(&mailbox->lock);
  return ok;
}

void mailbox_hush(Mailbox *mailbox) {
  uint64_t ignored;
  (void)!read(mailbox->event_fd, &ignored, sizeof ignored);
}

/* Takes all that waits, and leaves the buffer that was read. */
static void fetch(Mailbox *mailbox, MailReader *reader) {
  buffer_shrink(reader->reading, reader->readable);
  pthread_mutex_lock(&mailbox->lock);
  uint8_t *filled = mailbox->filling;
  reader->readable = mailbox->filled;
  mailbox->filling = reader->reading;
  mailbox->filled = 0;
  if (reader->readable > 0) mailbox_hush(mailbox);
  pthread_mutex_unlock(&mailbox->lock);
  reader->reading = filled;
  reader->read = 0;
}

bool mailbox_next(Mailbox *mailbox, MailReader *reader, Mail *mail, const uint8_t **data) {
  if (reader->read == reader->readable) {
    fetch(mailbox, reader);
    if (reader->readable == 0) return false;
  }
  const uint8_t *at = reader->reading + reader->read;
  memcpy(mail, at, sizeof *mail);
  *data = at + sizeof *mail;
  reader->read += sizeof *mail + padded(mail->bytes);
  return true;
}

void mailbox_rest(Mailbox *mailbox, const MailReader *reader) {
  if (reader->read < reader->readable) mailbox_wake(mailbox);
}
