/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef I82576_VF_H
#define I82576_VF_H

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <ethdev_driver.h>
#include <rte_ether.h>
#include <rte_spinlock.h>

#include "i82576_compat.h"
#include "i82576_mbx.h"
#include "i82576_port.h"

#define I82576_VF_QUEUES		2
/* The primary address and filters; how many of these there really are is for the PF to say. */
#define I82576_VF_MAX_MACS		16
#define I82576_VF_VLAN_WORDS		(RTE_ETHER_MAX_VLAN_ID / 32 + 1)
/* Of a frame, beside its payload. The PF is told of room for a tag, as Linux igbvf does. */
#define I82576_VF_FRAME_OVERHEAD	(RTE_ETHER_HDR_LEN + RTE_VLAN_HLEN + RTE_ETHER_CRC_LEN)
#define I82576_VF_MAX_MTU		(I82576_MAX_FRAME_BYTES - I82576_VF_FRAME_OVERHEAD)
/* Vectors: one for the mailbox, one for each Rx queue. */
#define I82576_VF_VECTOR_MBX		0
#define I82576_VF_VECTOR_QUEUE(queue)	(1 + (queue))
/*
 * What happens without an interrupt, too: events are looked for, and the counters, which have 32
 * bits, are added up.
 */
#define I82576_VF_WATCH_MS		500

/* Registers of a VF's statistics. */
enum i82576_vf_counter {
	I82576_VF_RX_PACKETS,
	I82576_VF_TX_PACKETS,
	I82576_VF_RX_BYTES,
	I82576_VF_TX_BYTES,
	I82576_VF_RX_MULTICAST,
	I82576_VF_RX_LOOPBACK_PACKETS,
	I82576_VF_TX_LOOPBACK_PACKETS,
	I82576_VF_RX_LOOPBACK_BYTES,
	I82576_VF_TX_LOOPBACK_BYTES,
	I82576_VF_COUNTERS,
};

/* What the driver counts itself, for xstats. */
struct i82576_vf_events {
	uint64_t requests;
	uint64_t refusals;
	uint64_t timeouts;
	/* Messages that answer nothing: DPDK's igb PF sends them. */
	uint64_t strays;
	uint64_t pf_resets;
	uint64_t recoveries;
	uint64_t link_changes;
};

/* What configuration space and registers tell of the VF's function. */
enum i82576_vf_pci {
	I82576_VF_PCI_ON,
	/* In configuration space alone: reset with its PF, to be enabled again. */
	I82576_VF_PCI_OFF,
	/* Nowhere: removed, or its PF is in a function level reset, which takes 0.2 s. */
	I82576_VF_PCI_GONE,
};

enum i82576_vf_state {
	/* No PF has answered this VF's RESET. */
	I82576_VF_SILENT,
	/* The PF knows this VF and has been told its configuration. */
	I82576_VF_READY,
	/* The PF was reset, or has forgotten this VF: all it was told is gone. */
	I82576_VF_LOST,
	/* The device is gone, or recovery was given up. */
	I82576_VF_DEAD,
};

/* Whether the PF keeps a list of addresses for a VF. */
enum i82576_vf_filters {
	I82576_VF_FILTERS_UNKNOWN,
	I82576_VF_FILTERS_NONE,
	I82576_VF_FILTERS_LIST,
};

/* What the application wants: kept over resets of the PF and told to it again. */
struct i82576_vf_config {
	/* 0: the primary address; others may be zero. */
	struct rte_ether_addr macs[I82576_VF_MAX_MACS];
	uint32_t vlans[I82576_VF_VLAN_WORDS];
	uint16_t mc_hashes[I82576_MBX_MULTICAST_MAX];
	uint8_t nb_mc_hashes;
	/* More groups than hashes fit: the PF is to let all multicast frames through. */
	bool mc_overflow;
	bool promisc;
	bool allmulti;
};

/* What the PF has granted since the last RESET. */
struct i82576_vf_granted {
	struct rte_ether_addr mac;
	/* Filter for config.macs[i] is there. */
	uint32_t macs;
	enum i82576_vf_filters filters;
	uint8_t promisc; /* I82576_MBX_PROMISC_* */
	uint16_t max_frame;
	/* It has said "clear to send" in a message or a reply. */
	bool cts;
	uint8_t link_policy; /* I82576_MBX_LINK_POLICY_* */
};

/* The thread that brings a port back; see i82576_vf_recovery.c. */
struct i82576_vf_recovery {
	/* Guards @thread, @active and @joinable. */
	pthread_mutex_t lock;
	pthread_t thread;
	bool active; /* the thread runs */
	bool joinable;
	bool cancel; /* it is to end */
	/* Since when the function has been gone; 0: it is there. */
	uint64_t gone_since_ms;
	bool announced; /* the application was told */
	/* Until when, by the monotonic clock; a model's time has no end. */
	uint64_t deadline_ms;
	uint32_t backoff_ms;
	bool by_application; /* devarg */
	uint32_t timeout_s; /* devarg; 0: for ever */
};

/*
 * Private data of a VF, in memory that secondary processes share. Of it they use the port, the
 * statistics and what the link state consists of.
 */
struct i82576_vf {
	struct i82576_port port;
	uint16_t port_id;

	/*
	 * The mailbox and all down to the statistics. Not taken in the interrupt thread, which a PF
	 * port of this process needs to answer this VF: there it is tried, and who holds it
	 * does what is in @events_pending when he is through. The primary process's alone.
	 */
	pthread_mutex_t lock;
	bool events_pending;
	/* Bits of V2PMAILBOX that a read has cleared and nobody has looked at. Atomic. */
	uint32_t latched;
	enum i82576_vf_state state;
	bool running; /* between dev_start and dev_stop */
	/* The rings are in use, not to be started when the PF answers. */
	bool queues_started;
	/* The burst functions are those of the rings. */
	bool datapath_on;
	bool silence_logged;
	struct i82576_vf_config config;
	struct i82576_vf_granted granted;
	struct i82576_vf_recovery recovery;

	/* Interrupts. */
	bool intr_registered;
	bool intr_enabled;
	/* The function was reset: MSI-X is to be set up anew. With the lock held. */
	bool msix_lost;
	/* The function was found off. Atomic. */
	bool pci_off;
	/* How often in a row it was found gone; the interrupt thread's. */
	uint8_t gone_looks;
	/* QEMU: VTIVAR_MISC is taken for a bit mask. */
	bool misc_is_mask;
	/* Of VTEIMS: vectors of queues that the application has enabled. Atomic. */
	uint32_t queue_vectors;

	/* Secondary processes that have the port. Atomic. */
	uint32_t nb_secondaries;

	/* The counters; of all processes. */
	rte_spinlock_t stats_lock;
	uint32_t last[I82576_VF_COUNTERS];
	uint64_t totals[I82576_VF_COUNTERS];
	uint64_t rx_no_descriptor;
	struct i82576_vf_events events;
};

static inline struct i82576_vf *
i82576_vf(const struct rte_eth_dev *dev)
{
	return dev->data->dev_private;
}

static inline struct rte_eth_dev *
i82576_vf_dev(const struct i82576_vf *vf)
{
	return &rte_eth_devices[vf->port_id];
}

/* i82576_vf_mbx.c: all with the lock held, but the latching of status bits. */
/* Reads V2PMAILBOX. Returns it with what earlier reads have cleared. Any thread. */
uint32_t i82576_vf_mbx_status(struct i82576_vf *vf);
/* Returns those of @bits that were latched, and forgets them. Any thread. */
uint32_t i82576_vf_mbx_take(struct i82576_vf *vf, uint32_t bits);
/*
 * Sends @words and waits for the PF's reply, of which the first @nb_reply words are put into
 * @reply. Returns 0 if the PF granted it and otherwise
 *  -EPERM       it refused;
 *  -ECONNRESET  it does not know this VF any more: recovery is due;
 *  -ENETRESET   it is in reset, -EBUSY: it keeps the mailbox, -ETIMEDOUT: it does not answer;
 *  -ENODEV      the device is gone, -ECANCELED: the port is being stopped.
 */
int i82576_vf_mbx_request(struct i82576_vf *vf, const uint32_t *words, unsigned int nb,
		uint32_t *reply, unsigned int nb_reply);
/* RESET: @mac is what the PF gave, or zero. Returns 0, or as above without -EPERM. */
int i82576_vf_mbx_reset(struct i82576_vf *vf, struct rte_ether_addr *mac);
/* Takes a message that the PF has sent by itself, if there is one. Does not wait. */
void i82576_vf_mbx_poll(struct i82576_vf *vf);

/* Whether something failed for lack of a PF that answers, and not since it refuses or cannot. */
static inline bool
i82576_vf_mbx_is_silence(int ret)
{
	return ret < 0 && ret != -EPERM && ret != -ENOTSUP;
}

/* i82576_vf_pci.c; the primary process's. Any thread: */
enum i82576_vf_pci i82576_vf_pci_look(struct i82576_vf *vf);
/*
 * Enables the function, and its MSI-X, where a reset of the PF has switched it off; with the lock
 * held. Returns 0, -ENODEV without configuration space, or -EIO if the registers do not answer or
 * the kernel refuses.
 */
int i82576_vf_pci_restore(struct i82576_vf *vf);

/* i82576_vf_reset.c: with the lock held. */
/*
 * Enables the function where it is off, resets the VF and has the PF know it again. Without a PF
 * that answers it is I82576_VF_SILENT.
 * Returns 0, or what i82576_vf_pci_restore() and i82576_vf_mbx_reset() do.
 */
int i82576_vf_reset(struct i82576_vf *vf);
/*
 * Tells the PF all of the configuration. What it refuses is logged; returns 0, or why it does not
 * answer.
 */
int i82576_vf_replay(struct i82576_vf *vf);
/* Logs, once for each silence, that and why there is no link. */
void i82576_vf_silence_log(struct i82576_vf *vf, int error);

/* i82576_vf_filter.c; with the lock held: */
int i82576_vf_mac_primary_send(struct i82576_vf *vf);
int i82576_vf_mac_filters_send(struct i82576_vf *vf);
int i82576_vf_vlan_send(struct i82576_vf *vf, uint16_t vid, bool on);
int i82576_vf_multicast_send(struct i82576_vf *vf);
int i82576_vf_promisc_send(struct i82576_vf *vf, bool promisc, bool allmulti);
int i82576_vf_max_frame_send(struct i82576_vf *vf, uint16_t mtu);
/* Operations of ethdev: */
int i82576_vf_mac_addr_set(struct rte_eth_dev *dev, struct rte_ether_addr *addr);
int i82576_vf_mac_addr_add(struct rte_eth_dev *dev, struct rte_ether_addr *addr, uint32_t index,
		uint32_t pool);
void i82576_vf_mac_addr_remove(struct rte_eth_dev *dev, uint32_t index);
int i82576_vf_set_mc_addr_list(struct rte_eth_dev *dev, struct rte_ether_addr *list, uint32_t nb);
int i82576_vf_promiscuous_enable(struct rte_eth_dev *dev);
int i82576_vf_promiscuous_disable(struct rte_eth_dev *dev);
int i82576_vf_allmulticast_enable(struct rte_eth_dev *dev);
int i82576_vf_allmulticast_disable(struct rte_eth_dev *dev);
int i82576_vf_vlan_filter_set(struct rte_eth_dev *dev, uint16_t vid, int on);
int i82576_vf_vlan_offload_set(struct rte_eth_dev *dev, int mask);
int i82576_vf_mtu_set(struct rte_eth_dev *dev, uint16_t mtu);

/* i82576_vf_intr.c */
void i82576_vf_lock(struct i82576_vf *vf);
void i82576_vf_unlock(struct i82576_vf *vf);
/* Finds out how the device takes VTIVAR_MISC. With the queues off. */
void i82576_vf_intr_probe(struct i82576_vf *vf);
/* Registers the handler; without interrupts events are polled, which is logged. */
void i82576_vf_intr_register(struct i82576_vf *vf);
void i82576_vf_intr_unregister(struct i82576_vf *vf);
/* Vectors and event descriptors, for dev_start. Returns 0 or -errno. */
int i82576_vf_intr_start(struct i82576_vf *vf);
void i82576_vf_intr_stop(struct i82576_vf *vf);
/* Writes what a reset has cleared. */
void i82576_vf_intr_program(struct i82576_vf *vf);
int i82576_vf_rx_queue_intr_enable(struct rte_eth_dev *dev, uint16_t queue);
int i82576_vf_rx_queue_intr_disable(struct rte_eth_dev *dev, uint16_t queue);
/* Looks for events and deals with them. Does not wait; the interrupt thread's, without the lock. */
void i82576_vf_service(struct i82576_vf *vf);
void i82576_vf_watch_start(struct i82576_vf *vf);
void i82576_vf_watch_stop(struct i82576_vf *vf);

/* i82576_vf_link.c */
int i82576_vf_link_update(struct rte_eth_dev *dev, int wait_to_complete);
/* As above without a wait; tells the application of a change. Without the lock. */
void i82576_vf_link_refresh(struct i82576_vf *vf);

/* i82576_vf_recovery.c: without the lock. */
/* Has the port recover: by a thread, or, on a model, one attempt here. */
void i82576_vf_recovery_begin(struct i82576_vf *vf);
/* Ends a recovery and waits for that, unless it is the caller's own thread. */
void i82576_vf_recovery_end(struct i82576_vf *vf);
/* The burst functions of this process: those of the rings, or ones that do nothing. */
void i82576_vf_datapath_set(struct rte_eth_dev *dev, bool on);

/* i82576_vf_mp.c */
int i82576_vf_mp_secondary_init(struct i82576_vf *vf);
void i82576_vf_mp_secondary_fini(struct i82576_vf *vf);
/* i82576_vf_datapath_set() in all secondary processes. Not in the interrupt thread. */
void i82576_vf_mp_datapath_set(struct i82576_vf *vf, bool on);

/* i82576_vf_stats.c: adds up the counters, often enough that none wraps twice; any process. */
void i82576_vf_stats_collect(struct i82576_vf *vf);
void i82576_vf_stats_init(struct i82576_vf *vf);
int i82576_vf_stats_get(I82576_STATS_GET_ARGS);
int i82576_vf_stats_reset(struct rte_eth_dev *dev);
int i82576_vf_xstats_get(struct rte_eth_dev *dev, struct rte_eth_xstat *xstats, unsigned int n);
int i82576_vf_xstats_get_names(struct rte_eth_dev *dev, struct rte_eth_xstat_name *names,
		unsigned int n);
int i82576_vf_get_reg(struct rte_eth_dev *dev, struct rte_dev_reg_info *info);

/* i82576_vf_ethdev.c */
/* The part of probing that is not PCI's: port and hw are filled in. Returns 0 or -errno. */
int i82576_vf_port_init(struct rte_eth_dev *dev);
int i82576_vf_port_init_secondary(struct rte_eth_dev *dev);
/* Whether this is the primary process; if not, logs that @action is its. */
bool i82576_vf_is_primary(const struct rte_eth_dev *dev, const char *action);

#endif /* I82576_VF_H */
