// What has to be put to rest before the interpreter ends, whether or not Python lets go of it.
#pragma once

#include <pybind11/pybind11.h>
#include <unistd.h>

#include <mutex>
#include <set>

namespace handloop::bindings {

// All objects of one kind that Python has made and not yet let go of.
template <typename T>
class Living {
 public:
  static T* add(T* object) {
    const std::lock_guard lock(all().mutex);
    all().objects.insert(object);
    return object;
  }
  // From now on nobody else works with it.
  static void remove(T* object) {
    const std::lock_guard lock(all().mutex);
    all().objects.erase(object);
  }
  // Has `rest(object)` called for each of them when the interpreter ends, but not when that of a
  // forked child does, which has neither their threads nor their ports.
  template <typename Rest>
  static void at_exit(Rest rest) {
    pybind11::module_::import("atexit").attr("register")(
        pybind11::cpp_function([rest, ours = getpid()] {
          if (getpid() != ours) return;
          const pybind11::gil_scoped_release release;
          const std::lock_guard lock(all().mutex);
          for (T* object : all().objects) rest(*object);
        }));
  }

 private:
  struct Register {
    std::mutex mutex;
    std::set<T*> objects;
  };
  static Register& all() {
    static Register all;
    return all;
  }
};

}  // namespace handloop::bindings
