// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vfio_82576.h"
#include "vfio_device.h"

/* Registers of the PF. */
#define CTRL_EXT 0x0018
#define CTRL_EXT_PFRSTD (1u << 14)
#define MDIC 0x0020
#define MDIC_REGADD_S 16
#define MDIC_PHYADD_1 (1u << 21)
#define MDIC_OP_WRITE (1u << 26)
#define RCTL 0x0100
#define RCTL_RXEN (1u << 1)
#define TCTL 0x0400
#define TCTL_EN (1u << 1)
#define VFRE 0x0c8c
#define VFTE 0x0c90
#define GPIE 0x1514
#define GPIE_NSICR (1u << 0)
#define GPIE_MULTIPLE_MSIX (1u << 4)
#define EICS 0x1520
#define EIMS 0x1524
#define EIAC 0x152c
#define DTXSWC 0x3500
#define DTXSWC_LOOPBACK_EN (1u << 31)
#define RAL(n) (0x5400 + 8 * (n))
#define RAH(n) (0x5404 + 8 * (n))
#define RAH_POOL(n) (1u << (18 + (n)))
#define RAH_AV (1u << 31)
#define MRQC 0x5818
#define MRQC_VMDQ 3
#define STATUS_LU (1u << 1)

/* Of the PHY. */
#define BMCR 0
#define BMCR_ANENABLE 0x1000
#define BMCR_ANRESTART 0x0200

/* Registers of a VF. */
#define RDBAL 0x2800
#define RDBAH 0x2804
#define RDLEN 0x2808
#define SRRCTL 0x280c
#define SRRCTL_BSIZEPACKET_2K 2
#define SRRCTL_DESCTYPE_ADVANCED (1u << 25)
#define RDT 0x2818
#define RXDCTL 0x2828
#define TDBAL 0x3800
#define TDBAH 0x3804
#define TDLEN 0x3808
#define TDT 0x3818
#define TXDCTL 0x3828
#define QUEUE_ENABLE (1u << 25)

#define RING_SIZE 16
#define BUFFER_BYTES 2048
#define FRAME_BYTES 60

/* Where things are in a port's memory, which the device sees from IOVA on. */
#define IOVA 0x1000000u
#define RX_RING 0
#define TX_RING 0x1000
#define TX_BUFFER 0x2000
#define RX_BUFFERS 0x10000
#define MEMORY_BYTES (RX_BUFFERS + RING_SIZE * BUFFER_BYTES)

/* The receive addresses of the VFs. */
#define FIRST_RA 4

#define LINK_TIMEOUT_MS 10000
#define FRAME_TIMEOUT_MS 1000

struct rx_descriptor {
	uint64_t buffer;
	/* Written back: status and error, length, VLAN. */
	volatile uint32_t status;
	volatile uint16_t length;
	volatile uint16_t vlan;
};

struct tx_descriptor {
	uint64_t buffer;
	uint32_t command;
	volatile uint32_t status;
};

#define DESCRIPTOR_DD (1u << 0)
#define TX_DTYP_DATA (3u << 20)
#define TX_EOP (1u << 24)
#define TX_IFCS (1u << 25)
#define TX_RS (1u << 27)
#define TX_DEXT (1u << 29)
#define TX_PAYLEN_S 14

bool is_82576(const char *device)
{
	if (config_real(device, PCI_VENDOR_ID) == 0x8086 &&
			config_real(device, PCI_DEVICE_ID) == 0x10c9)
		return true;
	printf("not run: the PF is no 82576\n");
	return false;
}

/* ---- the PF */

static void master_enable(int device)
{
	config_write(device, PCI_COMMAND, config_read(device, PCI_COMMAND) | PCI_COMMAND_MEMORY |
			PCI_COMMAND_MASTER);
}

static uint8_t mac_last_byte(unsigned int index)
{
	return (uint8_t)(0x10 + index);
}

void pf_setup(int device)
{
	unsigned int i, waited;

	master_enable(device);
	bar_write(device, MDIC, MDIC_OP_WRITE | MDIC_PHYADD_1 | BMCR << MDIC_REGADD_S |
			BMCR_ANENABLE | BMCR_ANRESTART);
	bar_write(device, MRQC, MRQC_VMDQ);
	bar_write(device, DTXSWC, DTXSWC_LOOPBACK_EN);
	for (i = 0; i < 2; i++) {
		/* 02:00:00:00:00:1N */
		bar_write(device, RAL(FIRST_RA + i), 0x02);
		bar_write(device, RAH(FIRST_RA + i),
				(uint32_t)mac_last_byte(i) << 8 | RAH_POOL(i) | RAH_AV);
	}
	bar_write(device, CTRL_EXT, bar_read(device, CTRL_EXT) | CTRL_EXT_PFRSTD);
	bar_write(device, RCTL, RCTL_RXEN);
	bar_write(device, TCTL, TCTL_EN);

	for (waited = 0; !(bar_read(device, I82576_STATUS) & STATUS_LU); waited += 10) {
		if (waited >= LINK_TIMEOUT_MS)
			fatal("the PF's link does not come up: STATUS %#x",
					bar_read(device, I82576_STATUS));
		usleep(10000);
	}
}

void pf_vfs_enable(int device)
{
	bar_write(device, VFRE, 3);
	bar_write(device, VFTE, 3);
}

void pf_interrupt_setup(int device)
{
	bar_write(device, GPIE, GPIE_NSICR | GPIE_MULTIPLE_MSIX);
	bar_write(device, EIAC, 1);
	bar_write(device, EIMS, 1);
}

void pf_interrupt_send(int device)
{
	bar_write(device, EICS, 1);
}

/* ---- a VF */

static struct rx_descriptor *rx_ring(struct port *port)
{
	return (struct rx_descriptor *)(port->memory + RX_RING);
}

static struct tx_descriptor *tx_ring(struct port *port)
{
	return (struct tx_descriptor *)(port->memory + TX_RING);
}

static void rx_descriptor_fill(struct port *port, unsigned int slot)
{
	struct rx_descriptor *descriptor = &rx_ring(port)[slot];

	descriptor->status = 0;
	descriptor->length = 0;
	descriptor->vlan = 0;
	descriptor->buffer = IOVA + RX_BUFFERS + slot * BUFFER_BYTES;
}

static void memory_map(struct port *port)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.iova = IOVA,
		.size = MEMORY_BYTES,
	};

	port->memory = mmap(NULL, MEMORY_BYTES, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (port->memory == MAP_FAILED)
		fatal("mmap: %s", strerror(errno));
	map.vaddr = (uintptr_t)port->memory;
	if (ioctl(port->opened.container, VFIO_IOMMU_MAP_DMA, &map))
		fatal("VFIO_IOMMU_MAP_DMA: %s", strerror(errno));
}

static void queues_start(struct port *port)
{
	const int device = port->opened.device;
	unsigned int i;

	for (i = 0; i < RING_SIZE; i++)
		rx_descriptor_fill(port, i);
	bar_write(device, RDBAL, IOVA + RX_RING);
	bar_write(device, RDBAH, 0);
	bar_write(device, RDLEN, RING_SIZE * sizeof(struct rx_descriptor));
	bar_write(device, SRRCTL, SRRCTL_DESCTYPE_ADVANCED | SRRCTL_BSIZEPACKET_2K);
	bar_write(device, RXDCTL, QUEUE_ENABLE);
	bar_write(device, RDT, RING_SIZE - 1);

	bar_write(device, TDBAL, IOVA + TX_RING);
	bar_write(device, TDBAH, 0);
	bar_write(device, TDLEN, RING_SIZE * sizeof(struct tx_descriptor));
	bar_write(device, TXDCTL, QUEUE_ENABLE);
}

void port_open(struct port *port, const char *device, unsigned int index, const char *token)
{
	*port = (struct port){ .index = index };
	device_must(&port->opened, device, token);
	memory_map(port);
	master_enable(port->opened.device);
	port->irq = irq_enable(port->opened.device, VFIO_PCI_MSIX_IRQ_INDEX);
	if (port->irq < 0)
		fatal("%s: MSI-X: %s", device, strerror(-port->irq));
	queues_start(port);
}

void port_close(struct port *port)
{
	device_close(&port->opened);
	if (!port->memory)
		return;
	close(port->irq);
	munmap(port->memory, MEMORY_BYTES);
	port->memory = NULL;
}

/* ---- frames */

static void frame_make(uint8_t *frame, struct port *from, struct port *to)
{
	memset(frame, 0, FRAME_BYTES);
	frame[0] = 0x02;
	frame[5] = mac_last_byte(to->index);
	frame[6] = 0x02;
	frame[11] = mac_last_byte(from->index);
	/* An Ethernet type for experiments. */
	frame[12] = 0x88;
	frame[13] = 0xb5;
	memcpy(frame + 14, &from->sent, sizeof(from->sent));
}

static int status_wait(volatile uint32_t *status)
{
	unsigned int waited;

	for (waited = 0; !(*status & DESCRIPTOR_DD); waited++) {
		if (waited >= FRAME_TIMEOUT_MS)
			return -ETIMEDOUT;
		usleep(1000);
	}
	return 0;
}

/* The receiver has taken what came; the descriptor is the device's again. */
static void frame_return(struct port *port, unsigned int slot)
{
	rx_descriptor_fill(port, slot);
	bar_write(port->opened.device, RDT, slot);
	port->received++;
}

int frame_pass(struct port *from, struct port *to)
{
	const unsigned int tx_slot = from->sent % RING_SIZE, rx_slot = to->received % RING_SIZE;
	struct tx_descriptor *tx = &tx_ring(from)[tx_slot];
	struct rx_descriptor *rx = &rx_ring(to)[rx_slot];
	uint8_t *frame = from->memory + TX_BUFFER;
	int ret;

	frame_make(frame, from, to);
	tx->buffer = IOVA + TX_BUFFER;
	tx->command = TX_DTYP_DATA | TX_DEXT | TX_RS | TX_IFCS | TX_EOP | FRAME_BYTES;
	tx->status = FRAME_BYTES << TX_PAYLEN_S;
	from->sent++;
	bar_write(from->opened.device, TDT, from->sent % RING_SIZE);

	ret = status_wait(&tx->status);
	if (!ret)
		ret = status_wait(&rx->status);
	if (ret)
		return ret;
	if (memcmp(frame, to->memory + RX_BUFFERS + rx_slot * BUFFER_BYTES, FRAME_BYTES))
		ret = -EBADMSG;
	frame_return(to, rx_slot);
	return ret;
}
