/* Tickets: a growing array of slots with a list of the free ones. */
#include "kafka/tickets.h"

#include <assert.h>

#include "base/memory.h"

_Static_assert(sizeof(void *) == 8, "a ticket is packed into 64 bits");

void mr_tickets_init(mr_tickets *tickets) {
    *tickets = (mr_tickets){.first_free = UINT32_MAX};
}

void mr_tickets_free(mr_tickets *tickets) {
    mr_free(tickets->slots);
    mr_tickets_init(tickets);
}

uint32_t mr_tickets_take(mr_tickets *tickets, void *ticket) {
    uint32_t slot = tickets->first_free;
    if (slot != UINT32_MAX) {
        tickets->first_free = tickets->slots[slot].next_free;
    } else {
        if (!MR_GROW(tickets->slots, tickets->count, tickets->capacity)) return UINT32_MAX;
        slot = (uint32_t)tickets->count++;
    }
    tickets->slots[slot] = (mr_ticket_slot){.ticket = ticket};
    return slot;
}

static void free_slot(mr_tickets *tickets, uint32_t slot) {
    tickets->slots[slot].next_free = tickets->first_free;
    tickets->first_free = slot;
}

void mr_tickets_add(mr_tickets *tickets, uint32_t slot, uint32_t messages) {
    tickets->slots[slot].under_way += messages;
    if (tickets->slots[slot].under_way == 0) free_slot(tickets, slot);
}

void *mr_tickets_arrived(mr_tickets *tickets, uint32_t slot) {
    void *ticket = tickets->slots[slot].ticket;
    assert(slot < tickets->count && tickets->slots[slot].under_way > 0);
    if (--tickets->slots[slot].under_way == 0) free_slot(tickets, slot);
    return ticket;
}
