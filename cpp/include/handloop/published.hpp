// What one thread keeps up to date and any other may copy, without either waiting for the other.
//
// A sequence lock (Boehm 2012, "Can seqlocks get along with programming language memory models?"):
// the version is odd while the value changes, and a reader that saw it change reads again.
#pragma once

#include <atomic>
#include <cstdint>
#include <type_traits>

namespace handloop {

template <typename T>
class Published {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  // By one thread only.
  template <typename Change>
  void change(Change change) {
    version_.fetch_add(1, std::memory_order_acq_rel);
    change(value_);
    version_.fetch_add(1, std::memory_order_release);
  }

  T copy() const {
    T value;
    while (!try_copy(value)) {
    }
    return value;
  }

  // For a reader that must not wait. False: the value was just being changed, and what was copied
  // of it means nothing.
  bool try_copy(T& value) const {
    const std::uint64_t before = version_.load(std::memory_order_acquire);
    value = value_;
    std::atomic_thread_fence(std::memory_order_acquire);
    return version_.load(std::memory_order_relaxed) == before && !(before & 1);
  }

 private:
  T value_{};
  std::atomic<std::uint64_t> version_{0};
};

}  // namespace handloop
