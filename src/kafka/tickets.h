/* Tickets: what a delivery report must tell, packed into the one pointer that librdkafka carries.
 *
 * All messages of one send share a slot that holds the lane's ticket and how many of them are under
 * way; the pointer holds the slot's number, the row, the destination. Slots are recycled: no allocation
 * but when more sends than ever before are under way.
 */
#ifndef MR_KAFKA_TICKETS_H
#define MR_KAFKA_TICKETS_H

#include "core/batch.h"

typedef struct mr_ticket_slot {
    void *ticket;
    uint32_t under_way;
    uint32_t next_free;
} mr_ticket_slot;

typedef struct mr_tickets {
    mr_ticket_slot *slots;
    size_t count;
    size_t capacity;
    uint32_t first_free; /* UINT32_MAX: none */
} mr_tickets;

void mr_tickets_init(mr_tickets *tickets);
void mr_tickets_free(mr_tickets *tickets);
/* Number of a slot for the ticket, with nothing under way; UINT32_MAX: out of memory. */
uint32_t mr_tickets_take(mr_tickets *tickets, void *ticket);
/* Adds messages under way; when it stays at none, the slot is free again. */
void mr_tickets_add(mr_tickets *tickets, uint32_t slot, uint32_t messages);
/* One message has arrived: its ticket. */
void *mr_tickets_arrived(mr_tickets *tickets, uint32_t slot);

/* The pointer: slot << 18 | alone << 17 | destination << 16 | row. */
static inline void *mr_ticket_pack(uint32_t slot, bool alone, mr_destination destination, uint16_t row) {
    return (void *)((uintptr_t)slot << 18 | (uintptr_t)alone << 17 | (uintptr_t)destination << 16 | row);
}
static inline uint32_t mr_ticket_slot_of(const void *packed) {
    return (uint32_t)((uintptr_t)packed >> 18);
}
static inline bool mr_ticket_alone(const void *packed) {
    return ((uintptr_t)packed >> 17 & 1) != 0;
}
static inline mr_destination mr_ticket_destination(const void *packed) {
    return (mr_destination)((uintptr_t)packed >> 16 & 1);
}
static inline uint16_t mr_ticket_row(const void *packed) {
    return (uint16_t)(uintptr_t)packed;
}

#endif
