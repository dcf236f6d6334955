/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lists of the kernel's shape. What is taken off a list is poisoned; what is
 * put on one must not be on another.
 */
#ifndef UNIT_SHIM_LIST_H
#define UNIT_SHIM_LIST_H

#include <stdlib.h>

struct list_head {
	struct list_head *next, *prev;
};

struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};

#define UNIT_LIST_POISON ((void *)0x100)

#define LIST_HEAD(name) struct list_head name = { &(name), &(name) }
#define HLIST_HEAD(name) struct hlist_head name = { NULL }

static inline void INIT_LIST_HEAD(struct list_head *head)
{
	head->next = head;
	head->prev = head;
}

static inline void list_add(struct list_head *entry, struct list_head *head)
{
	entry->next = head->next;
	entry->prev = head;
	head->next->prev = entry;
	head->next = entry;
}

static inline void list_del(struct list_head *entry)
{
	if (entry->next == UNIT_LIST_POISON)
		abort();
	entry->next->prev = entry->prev;
	entry->prev->next = entry->next;
	entry->next = UNIT_LIST_POISON;
}

static inline bool list_empty(const struct list_head *head)
{
	return head->next == head;
}

#define list_add_rcu list_add
#define list_del_rcu list_del
#define list_entry container_of
#define list_for_each_entry(pos, head, member)						\
	for ((pos) = list_entry((head)->next, __typeof__(*(pos)), member);		\
	     &(pos)->member != (head);							\
	     (pos) = list_entry((pos)->member.next, __typeof__(*(pos)), member))

static inline void INIT_HLIST_HEAD(struct hlist_head *head)
{
	head->first = NULL;
}

static inline bool hlist_empty(const struct hlist_head *head)
{
	return !head->first;
}

static inline void hlist_add_head(struct hlist_node *node, struct hlist_head *head)
{
	node->next = head->first;
	if (node->next)
		node->next->pprev = &node->next;
	node->pprev = &head->first;
	head->first = node;
}

static inline void hlist_del(struct hlist_node *node)
{
	if (node->next == UNIT_LIST_POISON)
		abort();
	*node->pprev = node->next;
	if (node->next)
		node->next->pprev = node->pprev;
	node->next = UNIT_LIST_POISON;
}

static inline void hlist_move_list(struct hlist_head *from, struct hlist_head *to)
{
	to->first = from->first;
	if (to->first)
		to->first->pprev = &to->first;
	from->first = NULL;
}

#define hlist_add_head_rcu hlist_add_head
#define hlist_del_rcu hlist_del
#define hlist_for_each_entry_rcu hlist_for_each_entry
#define hlist_entry container_of
#define unit_hlist_entry(node, type, member)						\
	({ struct hlist_node *n_ = (node); n_ ? container_of(n_, type, member) : NULL; })
#define hlist_for_each_entry(pos, head, member)						\
	for ((pos) = unit_hlist_entry((head)->first, __typeof__(*(pos)), member); (pos);\
	     (pos) = unit_hlist_entry((pos)->member.next, __typeof__(*(pos)), member))
#define hlist_for_each_entry_safe(pos, n, head, member)					\
	for ((pos) = unit_hlist_entry((head)->first, __typeof__(*(pos)), member);	\
	     (pos) && ((n) = (pos)->member.next, 1);					\
	     (pos) = unit_hlist_entry(n, __typeof__(*(pos)), member))

#endif
