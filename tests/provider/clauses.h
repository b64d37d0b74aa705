/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CLAUSES_H
#define CLAUSES_H

#include "suite.h"

#define CHECKS(X) \
	X(1, c1_no_firmware) X(2, c2_failed_attach) X(3, c3_again) X(4, c4_detach) \
	X(5, c5_attach_in_time) X(6, c6_info) X(7, c7_types) X(8, c8_why) X(9, c9_errnos) \
	X(10, c10_dead) X(11, c11_open) X(12, c12_failed_open) X(13, c13_not_recoverable) \
	X(14, c14_scrubbed) X(15, c15_does_not_come_up) X(16, c16_opens_at_a_time) \
	X(17, c17_close) X(18, c18_not_let_go) X(19, c19_close_after_death) X(20, c20_reset) \
	X(21, c21_failed_reset) X(22, c22_own_thread) X(23, c23_firmware_died) \
	X(24, c24_instance_died) X(25, c25_events) X(26, c26_nothing_after_close) \
	X(27, c27_why_of_events) X(28, c28_not_held_up) X(29, c29_log_size) X(30, c30_log) \
	X(31, c31_dump) X(32, c32_timeouts) X(33, c33_isolated) X(34, c34_late_answer) \
	X(35, c35_two_boards) X(36, c36_scheduler_at_boot) X(37, c37_mixed) X(38, c38_scheduler) \
	X(39, c39_mig) X(40, c40_gi_create) X(41, c41_other_instances) X(42, c42_gi_destroy) \
	X(43, c43_failed_setter) X(44, c44_settings_end)

#define X(n, fn) void fn(void);
CHECKS(X)
#undef X

#endif
