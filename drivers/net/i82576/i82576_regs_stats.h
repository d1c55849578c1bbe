/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* Statistics registers of the PF. See i82576_regs.h. */

#ifndef I82576_REGS_STATS_H
#define I82576_REGS_STATS_H

/* Statistics: 82576 DS 8.18. All are cleared by reading; of L and H, H must be read last. */
#define I82576_CRCERRS			0x04000
#define I82576_ALGNERRC			0x04004
#define I82576_SYMERRS			0x04008
#define I82576_RXERRC			0x0400c
#define I82576_MPC			0x04010
#define I82576_SCC			0x04014
#define I82576_ECOL			0x04018
#define I82576_MCC			0x0401c
#define I82576_LATECOL			0x04020
#define I82576_COLC			0x04028
#define I82576_DC			0x04030
#define I82576_TNCRS			0x04034
#define I82576_HTDPMC			0x0403c
#define I82576_RLEC			0x04040
#define I82576_XONRXC			0x04048
#define I82576_XONTXC			0x0404c
#define I82576_XOFFRXC			0x04050
#define I82576_XOFFTXC			0x04054
#define I82576_FCRUC			0x04058
#define I82576_PRC64			0x0405c
#define I82576_PRC127			0x04060
#define I82576_PRC255			0x04064
#define I82576_PRC511			0x04068
#define I82576_PRC1023			0x0406c
#define I82576_PRC1522			0x04070
#define I82576_GPRC			0x04074
#define I82576_BPRC			0x04078
#define I82576_MPRC			0x0407c
#define I82576_GPTC			0x04080
#define I82576_GORCL			0x04088
#define I82576_GORCH			0x0408c
#define I82576_GOTCL			0x04090
#define I82576_GOTCH			0x04094
#define I82576_RNBC			0x040a0
#define I82576_RUC			0x040a4
#define I82576_RFC			0x040a8
#define I82576_ROC			0x040ac
#define I82576_RJC			0x040b0
#define I82576_MGTPRC			0x040b4
#define I82576_MGTPDC			0x040b8
#define I82576_MGTPTC			0x040bc
#define I82576_TORL			0x040c0
#define I82576_TORH			0x040c4
#define I82576_TOTL			0x040c8
#define I82576_TOTH			0x040cc
#define I82576_TPR			0x040d0
#define I82576_TPT			0x040d4
#define I82576_PTC64			0x040d8
#define I82576_PTC127			0x040dc
#define I82576_PTC255			0x040e0
#define I82576_PTC511			0x040e4
#define I82576_PTC1023			0x040e8
#define I82576_PTC1522			0x040ec
#define I82576_MPTC			0x040f0
#define I82576_BPTC			0x040f4
#define I82576_TSCTC			0x040f8
#define I82576_CBRMPC			0x040fc
#define I82576_IAC			0x04100
#define I82576_RPTHC			0x04104
#define I82576_HGPTC			0x04118
#define I82576_RXDMTC			0x04120
#define I82576_HTCBDPC			0x04124
#define I82576_HGORCL			0x04128
#define I82576_HGORCH			0x0412c
#define I82576_HGOTCL			0x04130
#define I82576_HGOTCH			0x04134
#define I82576_LENERRS			0x04138
#define I82576_SSVPC			0x041a0
#define I82576_SCVPC			0x04228

#endif /* I82576_REGS_STATS_H */
