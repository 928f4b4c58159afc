// Compiles one SPIR-V compute shader with the Vulkan driver in use and prints what the driver says about the
// result: a line NAME<tab>VALUE for each statistic, an empty line, the machine code as text. Nothing is run
// on a device, so a driver that stands in for absent hardware will do. Like Dawn, it asks for bounds checks
// in hardware where it can.
//
//   cc -O1 pipeline-statistics.c -lvulkan -o pipeline-statistics
//   pipeline-statistics FILE.spv ENTRY_POINT [SET:BINDING:KIND]...       KIND: u, a uniform; s, a storage buffer
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vulkan/vulkan.h>

enum { MAX_SETS = 4, MAX_BINDINGS = 16 };

static void fail(const char *what) {
  fprintf(stderr, "pipeline-statistics: %s\n", what);
  exit(1);
}

static void check(VkResult result, const char *call) {
  if (result >= 0) return;
  fprintf(stderr, "pipeline-statistics: %s returned %d\n", call, result);
  exit(1);
}
#define CHECK(call) check(call, #call)

static void *allocate(size_t count, size_t size) {
  void *memory = calloc(count ? count : 1, size);
  if (!memory) fail("out of memory");
  return memory;
}

static uint32_t *read_file(const char *path, size_t *bytes) {
  FILE *file = fopen(path, "rb");
  if (!file || fseek(file, 0, SEEK_END)) fail("cannot open the SPIR-V file");
  long size = ftell(file);
  if (size <= 0 || fseek(file, 0, SEEK_SET)) fail("cannot read the SPIR-V file");
  uint32_t *words = allocate(1, (size_t)size);
  if (fread(words, 1, (size_t)size, file) != (size_t)size) fail("cannot read the SPIR-V file");
  fclose(file);
  *bytes = (size_t)size;
  return words;
}

static VkPhysicalDevice first_device(void) {
  VkApplicationInfo application = {.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO, .apiVersion = VK_API_VERSION_1_3};
  VkInstanceCreateInfo info = {.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO, .pApplicationInfo = &application};
  VkInstance instance;
  CHECK(vkCreateInstance(&info, NULL, &instance));
  VkPhysicalDevice device;
  uint32_t count = 1;
  CHECK(vkEnumeratePhysicalDevices(instance, &count, &device));
  if (count == 0) fail("the Vulkan driver offers no device");
  return device;
}

// Every feature that the driver has, so that no capability of the shader is missing.
static VkDevice open_device(VkPhysicalDevice physical) {
  VkPhysicalDeviceRobustness2FeaturesEXT robustness = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ROBUSTNESS_2_FEATURES_EXT};
  VkPhysicalDevicePipelineExecutablePropertiesFeaturesKHR executables = {
      .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PIPELINE_EXECUTABLE_PROPERTIES_FEATURES_KHR, .pNext = &robustness};
  VkPhysicalDeviceVulkan13Features v13 = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_3_FEATURES, .pNext = &executables};
  VkPhysicalDeviceVulkan12Features v12 = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES, .pNext = &v13};
  VkPhysicalDeviceVulkan11Features v11 = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES, .pNext = &v12};
  VkPhysicalDeviceFeatures2 features = {.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2, .pNext = &v11};
  vkGetPhysicalDeviceFeatures2(physical, &features);
  if (!executables.pipelineExecutableInfo) fail("the driver reports no pipeline statistics");
  const char *extensions[] = {VK_KHR_PIPELINE_EXECUTABLE_PROPERTIES_EXTENSION_NAME, VK_EXT_ROBUSTNESS_2_EXTENSION_NAME};
  float priority = 1;
  VkDeviceQueueCreateInfo queue = {.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO, .queueCount = 1, .pQueuePriorities = &priority};
  VkDeviceCreateInfo info = {.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO, .pNext = &features, .queueCreateInfoCount = 1,
                             .pQueueCreateInfos = &queue, .enabledExtensionCount = 2, .ppEnabledExtensionNames = extensions};
  VkDevice device;
  CHECK(vkCreateDevice(physical, &info, NULL, &device));
  return device;
}

static VkPipelineLayout layout_of(VkDevice device, int count, char **bindings) {
  VkDescriptorSetLayoutBinding entries[MAX_SETS][MAX_BINDINGS];
  uint32_t used[MAX_SETS] = {0};
  for (int i = 0; i < count; i++) {
    unsigned set, binding;
    char kind;
    if (sscanf(bindings[i], "%u:%u:%c", &set, &binding, &kind) != 3 || set >= MAX_SETS || used[set] >= MAX_BINDINGS)
      fail("a binding is SET:BINDING:u or SET:BINDING:s");
    entries[set][used[set]++] = (VkDescriptorSetLayoutBinding){
        .binding = binding,
        .descriptorType = kind == 'u' ? VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER : VK_DESCRIPTOR_TYPE_STORAGE_BUFFER,
        .descriptorCount = 1,
        .stageFlags = VK_SHADER_STAGE_COMPUTE_BIT};
  }
  VkDescriptorSetLayout sets[MAX_SETS];
  for (int set = 0; set < MAX_SETS; set++) {
    VkDescriptorSetLayoutCreateInfo info = {.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO,
                                            .bindingCount = used[set], .pBindings = entries[set]};
    CHECK(vkCreateDescriptorSetLayout(device, &info, NULL, &sets[set]));
  }
  VkPushConstantRange constants = {.stageFlags = VK_SHADER_STAGE_COMPUTE_BIT, .size = 128};
  VkPipelineLayoutCreateInfo info = {.sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO, .setLayoutCount = MAX_SETS,
                                     .pSetLayouts = sets, .pushConstantRangeCount = 1, .pPushConstantRanges = &constants};
  VkPipelineLayout layout;
  CHECK(vkCreatePipelineLayout(device, &info, NULL, &layout));
  return layout;
}

static VkPipeline compile(VkDevice device, const char *path, const char *entry, VkPipelineLayout layout) {
  VkShaderModuleCreateInfo code = {.sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO};
  code.pCode = read_file(path, &code.codeSize);
  VkShaderModule module;
  CHECK(vkCreateShaderModule(device, &code, NULL, &module));
  VkComputePipelineCreateInfo info = {
      .sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO,
      .flags = VK_PIPELINE_CREATE_CAPTURE_STATISTICS_BIT_KHR | VK_PIPELINE_CREATE_CAPTURE_INTERNAL_REPRESENTATIONS_BIT_KHR,
      .stage = {.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO, .stage = VK_SHADER_STAGE_COMPUTE_BIT,
                .module = module, .pName = entry},
      .layout = layout};
  VkPipeline pipeline;
  CHECK(vkCreateComputePipelines(device, VK_NULL_HANDLE, 1, &info, NULL, &pipeline));
  return pipeline;
}

#define FUNCTION(device, name) PFN_##name name = (PFN_##name)vkGetDeviceProcAddr(device, #name)

static void print_statistics(VkDevice device, VkPipeline pipeline) {
  FUNCTION(device, vkGetPipelineExecutablePropertiesKHR);
  FUNCTION(device, vkGetPipelineExecutableStatisticsKHR);
  VkPipelineInfoKHR which = {.sType = VK_STRUCTURE_TYPE_PIPELINE_INFO_KHR, .pipeline = pipeline};
  VkPipelineExecutablePropertiesKHR properties = {.sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_PROPERTIES_KHR};
  uint32_t count = 1;
  CHECK(vkGetPipelineExecutablePropertiesKHR(device, &which, &count, &properties));
  printf("Subgroup size\t%u\n", properties.subgroupSize);

  VkPipelineExecutableInfoKHR info = {.sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_INFO_KHR, .pipeline = pipeline};
  CHECK(vkGetPipelineExecutableStatisticsKHR(device, &info, &count, NULL));
  VkPipelineExecutableStatisticKHR *statistics = allocate(count, sizeof *statistics);
  for (uint32_t i = 0; i < count; i++) statistics[i].sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_STATISTIC_KHR;
  CHECK(vkGetPipelineExecutableStatisticsKHR(device, &info, &count, statistics));
  for (uint32_t i = 0; i < count; i++) {
    VkPipelineExecutableStatisticKHR *it = &statistics[i];
    printf("%s\t", it->name);
    if (it->format == VK_PIPELINE_EXECUTABLE_STATISTIC_FORMAT_FLOAT64_KHR) printf("%g\n", it->value.f64);
    else if (it->format == VK_PIPELINE_EXECUTABLE_STATISTIC_FORMAT_INT64_KHR) printf("%lld\n", (long long)it->value.i64);
    else if (it->format == VK_PIPELINE_EXECUTABLE_STATISTIC_FORMAT_BOOL32_KHR) printf("%u\n", it->value.b32);
    else printf("%llu\n", (unsigned long long)it->value.u64);
  }
}

// The last textual representation is the machine code.
static void print_assembly(VkDevice device, VkPipeline pipeline) {
  FUNCTION(device, vkGetPipelineExecutableInternalRepresentationsKHR);
  VkPipelineExecutableInfoKHR info = {.sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_INFO_KHR, .pipeline = pipeline};
  uint32_t count = 0;
  CHECK(vkGetPipelineExecutableInternalRepresentationsKHR(device, &info, &count, NULL));
  VkPipelineExecutableInternalRepresentationKHR *texts = allocate(count, sizeof *texts);
  for (uint32_t i = 0; i < count; i++) texts[i].sType = VK_STRUCTURE_TYPE_PIPELINE_EXECUTABLE_INTERNAL_REPRESENTATION_KHR;
  CHECK(vkGetPipelineExecutableInternalRepresentationsKHR(device, &info, &count, texts));
  for (uint32_t i = 0; i < count; i++) texts[i].pData = allocate(1, texts[i].dataSize);
  CHECK(vkGetPipelineExecutableInternalRepresentationsKHR(device, &info, &count, texts));
  for (uint32_t i = count; i-- > 0;) {
    if (!texts[i].isText || !strstr(texts[i].name, "Assembly")) continue;
    printf("\n%s\n", (const char *)texts[i].pData);
    return;
  }
  fail("the driver shows no machine code");
}

int main(int argc, char **argv) {
  if (argc < 3) fail("usage: pipeline-statistics FILE.spv ENTRY_POINT [SET:BINDING:KIND]...");
  VkDevice device = open_device(first_device());
  VkPipelineLayout layout = layout_of(device, argc - 3, argv + 3);
  VkPipeline pipeline = compile(device, argv[1], argv[2], layout);
  print_statistics(device, pipeline);
  print_assembly(device, pipeline);
  fflush(stdout);
  _Exit(0);
}
