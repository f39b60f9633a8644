// What a tick costs: times by the clock, instructions by the processor's own counter, if it has
// one.
#pragma once

#include <linux/perf_event.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "handloop/loop.hpp"

namespace handloop {

// Counts this thread's user-space instructions; absent where the machine or its kernel says no.
class InstructionCounter {
 public:
  InstructionCounter() {
    perf_event_attr attributes{};
    attributes.type = PERF_TYPE_HARDWARE;
    attributes.size = sizeof(attributes);
    attributes.config = PERF_COUNT_HW_INSTRUCTIONS;
    attributes.exclude_kernel = 1;
    attributes.exclude_hv = 1;
    file_ = static_cast<int>(syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0));
    if (file_ < 0) refusal_ = std::string("perf_event_open: ") + std::strerror(errno);
  }
  InstructionCounter(const InstructionCounter&) = delete;
  InstructionCounter& operator=(const InstructionCounter&) = delete;
  ~InstructionCounter() {
    if (file_ >= 0) close(file_);
  }

  // Why there is no count; empty if there is one.
  const std::string& refusal() const { return refusal_; }

  std::optional<std::uint64_t> read() const {
    std::uint64_t count = 0;
    if (file_ < 0 || ::read(file_, &count, sizeof(count)) != sizeof(count)) return std::nullopt;
    return count;
  }

 private:
  int file_;
  std::string refusal_;
};

// Ticks on recorded samples, over and over, one at a time as a loop would. The times include
// reading the clock once.
inline void time_ticks(Controller& controller, const std::vector<HandState>& samples, int ticks,
                       Histogram& times) {
  for (int i = 0; i < ticks; ++i) {
    const HandState& sample = samples[static_cast<std::size_t>(i) % samples.size()];
    const std::int64_t begin = monotonic_ns();
    controller.tick(sample, sample.time);
    times.record(monotonic_ns() - begin);
  }
}

// Instructions per tick, mean; none where the machine does not count them.
inline std::optional<double> count_instructions(Controller& controller,
                                                const std::vector<HandState>& samples, int ticks) {
  const InstructionCounter counter;
  const auto first = counter.read();
  if (!first) return std::nullopt;
  for (int i = 0; i < ticks; ++i) {
    const HandState& sample = samples[static_cast<std::size_t>(i) % samples.size()];
    controller.tick(sample, sample.time);
  }
  const auto last = counter.read();
  return last ? std::optional(static_cast<double>(*last - *first) / ticks) : std::nullopt;
}

// Of every sample the least of its times in several passes [us], each from a reset on: what the
// machine did in between is stripped, what the sample itself costs stays.
inline std::vector<double> best_times(Controller& controller, const std::vector<HandState>& samples,
                                      int passes) {
  std::vector<double> best(samples.size(), std::numeric_limits<double>::infinity());
  for (int pass = 0; pass < passes; ++pass) {
    controller.reset();
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const std::int64_t begin = monotonic_ns();
      controller.tick(samples[i], samples[i].time);
      best[i] = std::min(best[i], 1e-3 * static_cast<double>(monotonic_ns() - begin));
    }
  }
  return best;
}

// Mean time of a tick on one sample [us] in each of several batches, without reading the clock in
// between.
inline std::vector<double> batch_times(Controller& controller, const HandState& sample, int ticks,
                                       int batches) {
  std::vector<double> times;
  for (int batch = 0; batch < batches; ++batch) {
    const std::int64_t begin = monotonic_ns();
    for (int i = 0; i < ticks; ++i) controller.tick(sample, sample.time);
    times.push_back(1e-3 * static_cast<double>(monotonic_ns() - begin) / ticks);
  }
  return times;
}

// Page faults of this thread, minor and major, while it does `work`. Memory touched before causes
// none.
template <typename Work>
long page_faults(Work work) {
  const auto so_far = [] {
    rusage usage;
    getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_minflt + usage.ru_majflt;
  };
  const long before = so_far();
  work();
  return so_far() - before;
}

}  // namespace handloop
